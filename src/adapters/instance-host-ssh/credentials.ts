import {type InstanceSpec} from '../../contracts/instance-host.js'
import {printable} from '../../domain/names.js'
import {isShellsOwnVariable} from '../../domain/variable-names.js'
import {YardError} from '../../errors.js'

/** systemd takes a credential of a megabyte. */
const maxBytes = 900_000

/**
 * The credential of a process: shell text that sets its variables and then gives the line that it is. Whoever reads it
 * has the rights of the service already. A secret wins over a variable of the same name.
 * @throws YardError E_STEP_FAILED for what no process can be given
 */
export async function credentialOf(
  instance: Pick<InstanceSpec, 'id' | 'line' | 'secrets' | 'variables'>,
): Promise<Buffer> {
  const {id, line, variables} = instance
  const secrets = Object.entries((await instance.secrets?.()) ?? {})
  const revealed = Object.fromEntries(secrets.map(([name, secret]) => [name, secret.reveal()]))
  const content = Buffer.from(credentialText({...variables, ...revealed}, line, id))
  if (content.length <= maxBytes) return content
  throw unusable(id, `its variables take ${content.length} bytes, and a process gets at most ${maxBytes}`)
}

/** As `credentialOf`, of values that are text. */
export function credentialText(
  variables: Readonly<Record<string, string>>,
  line: string,
  instance: string,
): string {
  const assignments = Object.entries(variables).map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) {
      throw unusable(instance, `${printable(name)} is not the name of a variable`)
    }
    if (isShellsOwnVariable(name)) throw unusable(instance, `the shell has a variable ${name} of its own`)
    return `${name}=${word(value, instance)}\n`
  })
  return `${assignments.join('')}set -- ${word(line, instance)}\n`
}

/** Nothing in single quotes has a meaning but the quote that ends them. */
function word(value: string, instance: string): string {
  if (value.includes('\0')) throw unusable(instance, 'one of its variables holds a NUL')
  return `'${value.replaceAll("'", String.raw`'\''`)}'`
}

function unusable(instance: string, why: string): YardError {
  return new YardError('E_STEP_FAILED', {
    what: `Can't start ${instance}`,
    why,
    next: ['change service.yaml or `yard config`, then deploy again'],
  })
}
