import {readdirSync, readFileSync} from 'node:fs'

/** The numbers of living processes whose command line or environment names this text; Linux only. */
export function processesNaming(text: string): {pid: number; command: string}[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const command = readProc(name, 'cmdline')
      const isNamed = command.includes(text) || readProc(name, 'environ').includes(text)
      return isNamed && command !== ''
        ? [{pid: Number(name), command: command.replaceAll('\0', ' ').trim()}]
        : []
    })
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
