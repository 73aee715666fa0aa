import {type ClientChannel} from 'ssh2'

import {type RemoteCommand} from '../../contracts/remote-shell.js'
import {type Connection} from './connection.js'

/** What came of a question to a Unix socket over there. */
export type SocketAnswer =
  | {kind: 'answered'; text: string}
  /** No answer in time, or it broke off. */
  | {kind: 'silent'}
  /** Nobody listens there, or the sshd opens no sockets: it doesn't say which. */
  | {kind: 'unopened'}
  | {kind: 'lost'}

export function askOn(
  connection: Connection,
  path: string,
  line: string,
  {deadlineMillis, halfClose}: {halfClose: boolean; deadlineMillis: number},
): Promise<SocketAnswer> {
  return new Promise((resolve) => {
    let channel: ClientChannel | undefined
    const finish = (answer: SocketAnswer) => {
      clearTimeout(timer)
      forget()
      resolve(answer)
    }
    const timer = setTimeout(() => {
      finish({kind: 'silent'})
      channel?.destroy()
    }, deadlineMillis)
    const forget = connection.onLost(() => finish({kind: 'lost'}))
    const onChannel = (opened: ClientChannel) => {
      channel = opened
      const chunks: Buffer[] = []
      opened.on('error', () => finish({kind: 'silent'}))
      opened.on('data', (chunk: Buffer) => chunks.push(chunk))
      opened.on('end', () => {
        finish({kind: 'answered', text: Buffer.concat(chunks).toString('latin1')})
        opened.end()
      })
      opened.on('close', () => finish({kind: 'silent'}))
      if (halfClose) opened.end(`${line}\n`)
      else opened.write(`${line}\n`)
    }
    try {
      connection.client.openssh_forwardOutStreamLocal(path, (error, opened) => {
        if (error === undefined) onChannel(opened)
        else finish({kind: 'unopened'})
      })
    } catch {
      finish({kind: 'lost'})
    }
  })
}

/** Ends with 3 when nobody listens there. */
const perlText = `use IO::Socket::UNIX;
my ($path, $half) = @ARGV;
my $line = do { local $/; <STDIN> };
my $socket = IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $path) or exit 3;
$SIG{PIPE} = 'IGNORE';
$socket->autoflush(1);
print $socket $line;
shutdown($socket, 1) if $half;
print while <$socket>;`

/** The same question by a program over there that every Debian has: for an sshd that opens no sockets. */
export function questionInPerl(
  path: string,
  line: string,
  {deadlineMillis, halfClose}: {halfClose: boolean; deadlineMillis: number},
): RemoteCommand {
  return {
    file: 'perl',
    args: ['-e', perlText, path, halfClose ? '1' : ''],
    input: `${line}\n`,
    deadlineMillis,
  }
}
