import {Secret} from '../domain/secret.js'
import {openSecrets, type SecretOpener} from '../lifecycle/secrets/open-secrets.js'
import {type Yard} from './yard.js'

/** Opens the secrets of releases with the identity and the tools of this machine. Its libraries are loaded when there is a secret. */
export function secretOpener(yard: Yard): SecretOpener {
  return async (request) => {
    if (Object.keys(request.secrets).length === 0) return {}
    const needs = {
      box: await yard.secrets(),
      commands: await yard.commands(),
      toolVariables: toolVariables(),
    }
    return openSecrets(needs, {signal: yard.signal, ...request})
  }
}

/** What the tools of other stores need to log in. */
export function toolVariables(): Record<string, string> {
  return variablesMatching(toolVariable)
}

/** What a program started by yard needs so that it can use the catalog and open secrets as this one can; in no file. */
export function credentials(): Record<string, Secret> {
  const kept = {...variablesMatching(toolVariable), ...variablesMatching(catalogCredential)}
  return Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, new Secret(value)]))
}

/** With these sops, op and aws find their accounts and keys. */
const toolVariable =
  /^(?:(?:AWS|OP|SOPS|VAULT|AZURE)_[A-Z0-9_]+|GOOGLE_APPLICATION_CREDENTIALS|GNUPGHOME|XDG_(?:CONFIG_HOME|RUNTIME_DIR))$/

const catalogCredential = /^YARD_(?:CATALOG_PASSWORD|TOKEN)$/

/** Whether the variable must not be written to a file. */
export function isCredential(name: string): boolean {
  return toolVariable.test(name) || catalogCredential.test(name)
}

function variablesMatching(pattern: RegExp): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => pattern.test(name))
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? '']))
}
