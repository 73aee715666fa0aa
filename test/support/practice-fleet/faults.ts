import {execFile} from 'node:child_process'
import {promisify} from 'node:util'

/** Logins that are there go on. Reloaded, it listens again only some time after that was reported as done. */
export const restartSsh = 'systemctl restart ssh'

const execute = promisify(execFile)

/** Faults of a host. Each is undone by `recover`, in whatever state it left the host. */
export abstract class HostFaults {
  private readonly undo = new Map<string, () => Promise<unknown>>()

  abstract readonly name: string
  abstract readonly address: string
  abstract run(file: string, ...args: string[]): Promise<string>
  abstract sh(...lines: string[]): Promise<string>
  protected abstract holder(): number
  protected abstract switchHolder(): number
  /** The library that moves the clock of a program. */
  protected abstract preloaded(): string

  /** What it sends to this machine is dropped without a word; it still hears everything. */
  async blackhole(): Promise<void> {
    const machine = `${this.address.replace(/\d+$/, '1')}/32`
    await this.inNetwork('ip', 'route', 'replace', 'blackhole', machine)
    this.undoing('blackhole', () => this.inNetwork('ip', 'route', 'del', 'blackhole', machine))
  }

  /** Its wire is pulled: nobody reaches it, and it reaches nobody. */
  async unplug(): Promise<void> {
    await this.inSwitch('ip', 'link', 'set', this.port(), 'down')
    this.undoing('unplug', () => this.inSwitch('ip', 'link', 'set', this.port(), 'up'))
  }

  /** So many thousands of bits a second in both directions. */
  async slowDown(kilobitsPerSecond: number): Promise<void> {
    const words = ['root', 'tbf', 'rate', `${kilobitsPerSecond}kbit`, 'burst', '16kb', 'latency', '500ms']
    await this.inSwitch('tc', 'qdisc', 'replace', 'dev', this.port(), ...words)
    await this.inNetwork('tc', 'qdisc', 'replace', 'dev', 'eth0', ...words)
    this.undoing('slow', async () => {
      await this.inSwitch('tc', 'qdisc', 'del', 'dev', this.port(), 'root')
      await this.inNetwork('tc', 'qdisc', 'del', 'dev', 'eth0', 'root')
    })
  }

  /** The SSH server and its sessions hang: connections are accepted by the kernel, and nobody answers. */
  async freezeSsh(): Promise<void> {
    await this.run('pkill', '-STOP', '-x', 'sshd')
    this.undoing('frozen', () => this.run('pkill', '-CONT', '-x', 'sshd'))
  }

  /** The SSH server and its sessions are killed; systemd starts the server again. */
  async killSsh(): Promise<void> {
    await this.run('pkill', '-KILL', '-x', 'sshd')
  }

  /** The SSH server is stopped, and its sessions are killed: connections are refused. */
  async stopSsh(): Promise<void> {
    await this.sh('systemctl stop ssh', 'pkill -KILL -x sshd || true')
    this.undoing('stopped', () => this.run('systemctl', 'start', 'ssh'))
  }

  /** A directory, with what is in it, is on a disk of its own that has no more room than that left. */
  async smallDisk(directory: string, room: {kilobytes?: number; files?: number}): Promise<void> {
    const {files, kilobytes = 1_024} = room
    const copy = '/run/small-disk'
    await this.sh(
      `mkdir -p '${directory}' ${copy}`,
      `used=$(du -sk '${directory}' | cut -f1)`,
      `count=$(find '${directory}' | wc -l)`,
      `mount -t tmpfs -o size=$((used + ${kilobytes}))k${files === undefined ? '' : `,nr_inodes=$((count + ${files}))`} tmpfs ${copy}`,
      `cp -a '${directory}/.' ${copy}/`,
      `chown --reference='${directory}' ${copy}; chmod --reference='${directory}' ${copy}`,
      `mount --move ${copy} '${directory}' 2>/dev/null || { mount --bind ${copy} '${directory}'; umount ${copy}; }`,
    )
    this.undoing(`disk of ${directory}`, () => this.run('umount', '--lazy', directory))
  }

  /** Nothing below a directory can be written any more. */
  async readOnly(directory: string): Promise<void> {
    await this.sh(`mount --bind '${directory}' '${directory}'`, `mount -o remount,ro,bind '${directory}'`)
    this.undoing(`writing to ${directory}`, () => this.run('umount', '--lazy', directory))
  }

  /** Somebody else listens on all ports from the first to the last that are free. */
  async takePorts(first: number, last: number): Promise<void> {
    const program = [
      'import signal, socket',
      'taken = []',
      `for port in range(${first}, ${last} + 1):`,
      '    one = socket.socket()',
      '    try:',
      "        one.bind(('0.0.0.0', port))",
      '        one.listen()',
      '        taken.append(one)',
      '    except OSError:',
      '        one.close()',
      "open('/run/ports-taken', 'w').close()",
      'signal.pause()',
    ]
    this.undoing('ports', () => this.sh('systemctl stop squatter', 'rm -f /run/ports-taken'))
    await this.run(
      'systemd-run',
      '--unit=squatter',
      '--property=LimitNOFILE=20000',
      'python3',
      '-c',
      program.join('\n'),
    )
    await this.sh('for attempt in $(seq 300); do [ -e /run/ports-taken ] && exit; sleep 0.1; done; exit 1')
  }

  /** The clock that logins and units see from now on. */
  async clockAhead(seconds: number): Promise<void> {
    const variables = [
      `LD_PRELOAD=${this.preloaded()}`,
      `FAKETIME=+${seconds}s`,
      'FAKETIME_DONT_FAKE_MONOTONIC=1',
    ]
    const file = '/etc/ssh/sshd_config.d/60-clock.conf'
    await this.sh(
      `echo 'SetEnv ${variables.join(' ')}' > ${file}`,
      restartSsh,
      `systemctl set-environment ${variables.join(' ')}`,
    )
    const names = variables.map((variable) => variable.split('=')[0]!)
    this.undoing('clock', () =>
      this.sh(`rm -f ${file}`, restartSsh, `systemctl unset-environment ${names.join(' ')}`),
    )
  }

  /** Undoes what was done to it, the last first. */
  async recover(): Promise<void> {
    const undo = [...this.undo.values()].reverse()
    this.undo.clear()
    // A host that was switched off can't be told anything before it's on again; what was undone by that is over.
    for (const each of undo) await each().catch(() => undefined)
  }

  protected undoing(name: string, undo: () => Promise<unknown>): void {
    this.undo.delete(name)
    this.undo.set(name, undo)
  }

  protected isUndone(name: string): void {
    this.undo.delete(name)
  }

  private port(): string {
    return `port-${this.name.replace(/^fleet-/, '')}`
  }

  private inNetwork(...words: string[]): Promise<unknown> {
    return execute('nsenter', [`--net=/proc/${this.holder()}/ns/net`, ...words])
  }

  private inSwitch(...words: string[]): Promise<unknown> {
    return execute('nsenter', [`--net=/proc/${this.switchHolder()}/ns/net`, ...words])
  }
}
