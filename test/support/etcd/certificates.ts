import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'

/** PEM texts: an authority, and what it signed for servers and for clients. */
export interface Certificates {
  ca: string
  server: {certificate: string; key: string}
  client: {certificate: string; key: string}
  /** An authority that signed nothing here. */
  otherCa: string
  /** A client that the other authority vouches for. */
  otherClient: {certificate: string; key: string}
  /** Where each lies, for programs that want files: `ca.pem`, `server.pem`, `server.key`, `client.pem` … */
  directory: string
}

/** Makes them with openssl, for `127.0.0.1` and `localhost`. */
export function makeCertificates(directory: string): Certificates {
  const work = {directory}
  makeAuthority(work, 'ca')
  makeAuthority(work, 'other-ca')
  // etcd's gateway talks to its own server as a client, with the certificate of the server.
  sign(work, 'server', 'ca', 'serverAuth,clientAuth', 'DNS:localhost,IP:127.0.0.1')
  sign(work, 'client', 'ca', 'clientAuth', 'DNS:yard-client')
  sign(work, 'other-client', 'other-ca', 'clientAuth', 'DNS:yard-client')
  const read = (name: string) => readFileSync(path.join(directory, name), 'utf8')
  const pair = (name: string) => ({certificate: read(`${name}.pem`), key: read(`${name}.key`)})
  return {
    ca: read('ca.pem'),
    server: pair('server'),
    client: pair('client'),
    otherCa: read('other-ca.pem'),
    otherClient: pair('other-client'),
    directory,
  }
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

function makeAuthority({directory}: {directory: string}, name: string): void {
  const subject = ['-subj', `/CN=yard test ${name}`, '-days', '2']
  openssl(directory, 'req', '-x509', ...newKey, ...subject, '-keyout', `${name}.key`, '-out', `${name}.pem`)
}

function sign(
  {directory}: {directory: string},
  name: string,
  authority: string,
  usage: string,
  names: string,
): void {
  const extensions = `${name}.cnf`
  writeFileSync(path.join(directory, extensions), `extendedKeyUsage=${usage}\nsubjectAltName=${names}\n`)
  openssl(
    directory,
    ...['req', ...newKey, '-subj', `/CN=yard test ${name}`],
    ...['-keyout', `${name}.key`, '-out', `${name}.csr`],
  )
  openssl(
    directory,
    ...['x509', '-req', '-in', `${name}.csr`, '-days', '2', '-extfile', extensions],
    ...['-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-CAcreateserial', '-out', `${name}.pem`],
  )
}

function openssl(directory: string, ...args: string[]): void {
  execFileSync('openssl', args, {cwd: directory, stdio: 'ignore'})
}
