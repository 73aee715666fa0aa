// Who brings releases: each takes one release to all hosts, and makes it the current one.
import {execFile} from 'node:child_process'
import {existsSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import {promisify} from 'node:util'

import {ensureRsync} from '../../scripts/bootstrap/rsync.mjs'

const run = promisify(execFile)
const atOnce = '30'

/**
 * A survey and a place as a deploy does them, on a connection of its own for each host. A place ends with a rename, which is
 * what the link of the others is for.
 */
export function yard(library, hostScriptDigest) {
  return {
    name: 'yard',
    async bring({manifest, directory, number}, {hosts}) {
      const packings = new library.ReleasePackings()
      const fence = {environment: 'staging', service: 'billing', number: 100 + number}
      await Promise.all(
        hosts.map(async (host) => {
          const shell = new library.SshRemoteShell(host.settings)
          const there = new library.SshInstanceHost({shell, packings, hostScriptDigest, root: host.directory})
          await there.survey({fence, release: manifest, neededReleases: [], needs: ['node']})
          await there.place({fence, release: manifest, contents: async () => directory})
          await shell.close()
        }),
      )
    },
  }
}

/** The archive over ssh, as many do it. */
export const tarLine = {
  name: 'tar over ssh',
  async bring({archive, number}, {hosts, sshConfig}) {
    const there = `mkdir -p r${number} && tar -xzf - -C r${number} && ln -sfn r${number} next && mv -T next current`
    await overHosts(hosts, `ssh -F ${sshConfig} "$1" "cd $2 && ${there}" < ${archive}`)
  },
}

/** @returns undefined when rsync can't be had */
export function rsyncLine() {
  const words = ensureRsync()
  if (words === undefined) return undefined
  const [rsync, there] = [words.join(' '), words.length === 1 ? '' : `--rsync-path '${words.join(' ')}'`]
  return {
    name: 'rsync --link-dest',
    async bring({directory, number}, {hosts, sshConfig}) {
      const link = number === 1 ? '' : `--link-dest ../r${number - 1}`
      const send = `${rsync} -a ${there} ${link} -e 'ssh -F ${sshConfig}' ${directory}/ "$1:$2/r${number}/"`
      const flip = `ssh -F ${sshConfig} "$1" "cd $2 && ln -sfn r${number} next && mv -T next current" < /dev/null`
      await overHosts(hosts, `${send} && ${flip}`)
    },
  }
}

/**
 * `unarchive`, with pipelining, no facts and thirty at a time. Made once, in the user's cache, by pip.
 * @returns the reason when it can't be had
 */
export async function ansible(work, releases) {
  const directory = path.join(
    process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'),
    'yard/bench-ansible',
  )
  const program = path.join(directory, 'bin/ansible-playbook')
  try {
    if (!existsSync(program)) {
      await run('python3', ['-m', 'venv', directory])
      await run(path.join(directory, 'bin/pip'), ['install', '--quiet', 'ansible-core'])
    }
    await run(program, ['--version'])
  } catch (error) {
    return String(error.message).split('\n')[0]
  }
  for (const {archive, name, number} of releases)
    writeFileSync(path.join(work, `${name}.yml`), playbook(archive, number))
  return {
    name: 'Ansible',
    async bring({name}, {hosts, sshConfig}) {
      const inventory = path.join(work, `inventory-${hosts.length}`)
      writeFileSync(inventory, hosts.map((host) => `${host.name} place=${host.directory}\n`).join(''))
      await run(program, ['--forks', atOnce, '--inventory', inventory, path.join(work, `${name}.yml`)], {
        maxBuffer: 64 * 1024 ** 2,
        env: {
          ...process.env,
          ANSIBLE_PIPELINING: 'True',
          ANSIBLE_SSH_ARGS: `-F ${sshConfig} -o ControlMaster=auto -o ControlPersist=5s`,
          ANSIBLE_SSH_CONTROL_PATH_DIR: path.join(work, 'cp'),
          ANSIBLE_NOCOLOR: '1',
        },
      })
    },
  }
}

function playbook(archive, number) {
  return `- hosts: all
  gather_facts: false
  vars: {ansible_python_interpreter: /usr/bin/python3}
  tasks:
    - file: {path: "{{ place }}/r${number}", state: directory}
    - unarchive: {src: "${archive}", dest: "{{ place }}/r${number}"}
    - file: {src: "r${number}", dest: "{{ place }}/current", state: link, force: true}
`
}

/** A line of shell for each host, `$1` its name and `$2` its directory. */
async function overHosts(hosts, line) {
  const {NODE_EXTRA_CA_CERTS: _, ...env} = process.env
  const child = run('xargs', ['-P', atOnce, '-n', '2', 'sh', '-c', line, 'sh'], {
    env,
    maxBuffer: 64 * 1024 ** 2,
  })
  child.child.stdin.end(hosts.map(({name, directory}) => `${name} ${directory}\n`).join(''))
  await child
}
