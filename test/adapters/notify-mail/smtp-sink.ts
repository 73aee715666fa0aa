import net, {type AddressInfo} from 'node:net'
import {createInterface} from 'node:readline'
import tls from 'node:tls'

export interface ReceivedMail {
  from: string
  to: string[]
  /** As it came, with dots doubled no more. */
  text: string
  user?: string
  isEncrypted: boolean
}

export interface SinkSettings {
  /** Wanted from whoever sends. */
  login?: {user: string; password: string}
  /** Offers STARTTLS. */
  certificate?: {key: string; cert: string}
  refusedAddress?: string
  /** Accepts connections and says nothing. */
  isSilent?: boolean
}

/** A mail server of one test: it speaks enough SMTP to be believed, and keeps what it gets. */
export class SmtpSink {
  readonly mails: ReceivedMail[] = []
  connections = 0
  /** The words of all commands, in their order. */
  readonly heard: string[] = []
  private readonly sockets = new Set<net.Socket>()
  private readonly server = net.createServer((socket) => {
    this.connections += 1
    this.keep(socket)
    if (this.settings.isSilent !== true) new Session(this, this.settings, socket).greet()
  })

  private constructor(private readonly settings: SinkSettings) {}

  static async start(settings: SinkSettings = {}): Promise<SmtpSink> {
    const sink = new SmtpSink(settings)
    await new Promise<void>((resolve) => sink.server.listen(0, '127.0.0.1', resolve))
    return sink
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  keep(socket: net.Socket): void {
    this.sockets.add(socket)
    socket.on('error', () => undefined)
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve))
  }
}

class Session {
  private mail: {from: string; to: string[]} = {from: '', to: []}
  private lines: string[] | undefined
  private user: string | undefined
  private isEncrypted = false

  constructor(
    private readonly sink: SmtpSink,
    private readonly settings: SinkSettings,
    private socket: net.Socket,
  ) {}

  greet(): void {
    this.listen()
    this.say('220 sink ready')
  }

  private listen(): void {
    createInterface({input: this.socket, crlfDelay: Infinity}).on('line', (line) => this.hear(line))
  }

  private say(...lines: string[]): void {
    if (!this.socket.destroyed) this.socket.write(lines.map((line) => `${line}\r\n`).join(''))
  }

  private hear(line: string): void {
    if (this.lines !== undefined) {
      this.hearText(line)
      return
    }
    const [, word = '', rest = ''] = /^([A-Za-z]+)\s*(.*)$/.exec(line) ?? []
    this.sink.heard.push(word.toUpperCase())
    switch (word.toUpperCase()) {
      case 'EHLO':
        this.say('250-sink', ...this.offers().map((offer) => `250-${offer}`), '250 8BITMIME')
        return
      case 'STARTTLS':
        if (this.settings.certificate === undefined) this.say('502 what')
        else this.encrypt()
        return
      case 'AUTH':
        this.logIn(rest)
        return
      case 'MAIL':
        this.mail = {from: addressIn(rest), to: []}
        this.say(this.settings.login !== undefined && this.user === undefined ? '530 log in first' : '250 ok')
        return
      case 'RCPT':
        if (addressIn(rest) === this.settings.refusedAddress) {
          this.say('550 nobody of that name')
          return
        }
        this.mail.to.push(addressIn(rest))
        this.say('250 ok')
        return
      case 'DATA':
        this.lines = []
        this.say('354 go on')
        return
      case 'QUIT':
        this.say('221 bye')
        this.socket.end()
        return
      default:
        this.say('502 what')
    }
  }

  private offers(): string[] {
    return [
      ...(this.settings.certificate === undefined || this.isEncrypted ? [] : ['STARTTLS']),
      ...(this.settings.login === undefined ? [] : ['AUTH PLAIN']),
    ]
  }

  private hearText(line: string): void {
    if (line !== '.') {
      this.lines?.push(line.replace(/^\.\./, '.'))
      return
    }
    const text = (this.lines ?? []).join('\n')
    this.lines = undefined
    const {isEncrypted, user} = this
    this.sink.mails.push({...this.mail, text, isEncrypted, ...(user !== undefined && {user})})
    this.say('250 kept')
  }

  private logIn(words: string): void {
    const [, answer = ''] = words.split(' ')
    const [, user = '', password = ''] = Buffer.from(answer, 'base64').toString().split('\0')
    const {login} = this.settings
    if (login?.user !== user || login.password !== password) {
      this.say(`535 no: ${password}`)
      return
    }
    this.user = user
    this.say('235 welcome')
  }

  private encrypt(): void {
    const {certificate} = this.settings
    this.say('220 go on')
    this.socket.removeAllListeners('data')
    this.socket = new tls.TLSSocket(this.socket, {isServer: true, ...certificate})
    this.sink.keep(this.socket)
    this.isEncrypted = true
    this.listen()
  }
}

function addressIn(text: string): string {
  return /<([^>]*)>/.exec(text)?.[1] ?? ''
}
