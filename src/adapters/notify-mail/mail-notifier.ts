// nodemailer 10.6.0. It may read files and URLs that a message names unless told not to, and its usual timeouts are minutes.
import os from 'node:os'

import {type Notifier, type NotifyOutcome} from '../../contracts/notifier.js'
import {type DeployEvent} from '../../domain/deploy-event.js'
import {noticeOf, noticeText} from '../../domain/notice.js'
import {type Secret} from '../../domain/secret.js'

export interface MailSettings {
  to: readonly string[]
  from?: string
  host: string
  port: number
  login?: {user: string; password: Secret}
}

const timeoutMillis = 5_000
/** The port on which everything is encrypted from the first byte. */
const encryptedPort = 465

/** Sends a mail for each event, one to all of its addresses. */
export class MailNotifier implements Notifier {
  readonly name: string

  constructor(private readonly settings: MailSettings) {
    this.name = `Mail to ${settings.to.join(', ')}`
  }

  async notify(event: DeployEvent, signal: AbortSignal): Promise<NotifyOutcome> {
    const {createTransport} = await import('nodemailer')
    const transport = createTransport(connectionOf(this.settings))
    try {
      const notice = noticeOf(event)
      const {rejected} = await transport.sendMail({
        from: this.settings.from ?? `yard@${os.hostname()}`,
        to: [...this.settings.to],
        subject: notice.title,
        text: noticeText(notice),
        headers: {'Auto-Submitted': 'auto-generated', 'X-Yard-Event': event.event},
        disableFileAccess: true,
        disableUrlAccess: true,
        signal,
      })
      return rejected.length === 0 ? {ok: true} : {ok: false, why: `${rejected.join(', ')} was refused`}
    } catch (error) {
      return {ok: false, why: reasonOf(error, this.settings)}
    } finally {
      transport.close()
    }
  }
}

function connectionOf({host, login, port}: MailSettings) {
  return {
    host,
    port,
    secure: port === encryptedPort,
    // A password goes nowhere in the clear, except to this machine, whose mail server has a certificate of its own making.
    ignoreTLS: isThisMachine(host),
    requireTLS: login !== undefined && !isThisMachine(host),
    ...(login !== undefined && {auth: {user: login.user, pass: login.password.reveal()}}),
    connectionTimeout: timeoutMillis,
    greetingTimeout: timeoutMillis,
    socketTimeout: timeoutMillis,
    dnsTimeout: timeoutMillis,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host.startsWith('127.')
}

const untrusted = 'it offers no encryption, or none that can be trusted'

/** By nodemailer's codes, the system's and OpenSSL's: what a server says may repeat what it was sent. */
const reasons: ReadonlyMap<string, string> = new Map([
  ['EABORT', 'the time for it was over'],
  ['EAUTH', 'the login was refused'],
  ['ECONNECTION', 'the connection broke off'],
  ['ECONNREFUSED', 'nobody listens there'],
  ['ECONNRESET', 'the connection broke off'],
  ['EDNS', 'there is no such server'],
  ['EENVELOPE', 'the sender or an address was refused'],
  ['EHOSTUNREACH', 'there is no way to it'],
  ['EMESSAGE', 'the message was refused'],
  ['ENETUNREACH', 'there is no way to it'],
  ['ENOAUTH', 'it wants a login'],
  ['EPROTOCOL', 'it does not speak SMTP'],
  ['ETIMEDOUT', 'no answer in time'],
  ['ETLS', untrusted],
  ['CERT_HAS_EXPIRED', untrusted],
  ['CERT_NOT_YET_VALID', untrusted],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', untrusted],
  ['ERR_TLS_CERT_ALTNAME_INVALID', untrusted],
  ['SELF_SIGNED_CERT_IN_CHAIN', untrusted],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', untrusted],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', untrusted],
])

function reasonOf(error: unknown, {host, port}: MailSettings): string {
  // `originalCode` is what the system said where `code` only says that it was about a socket.
  const {code, originalCode} = error as {code?: unknown; originalCode?: unknown}
  const [known] = [code, originalCode].flatMap((each) => reasons.get(String(each)) ?? [])
  return `${host}:${port}: ${known ?? 'the connection did not work'}`
}
