import {chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'

import {LocalCommandRunner} from '../../../src/adapters/shell-local/index.js'
import {type ReleaseSecrets} from '../../../src/domain/config-value.js'
import {openSecrets} from '../../../src/lifecycle/secrets/open-secrets.js'
import {allTextOf} from '../../fakes/all-text.js'
import {failureOf} from '../../fakes/failure-of.js'
import {fakeSealed, FakeSecretBox} from '../../fakes/secret-box.js'

let place: string
let programs: string

beforeEach(() => {
  place = mkdtempSync(path.join(os.tmpdir(), 'yard-tools-'))
  programs = mkdtempSync(path.join(os.tmpdir(), 'yard-programs-'))
})

afterEach(() => {
  for (const directory of [place, programs]) rmSync(directory, {recursive: true, force: true})
})

/** The real tools need accounts; a script stands in, and writes down how it was called. */
function tool(name: string, script: string): void {
  const file = path.join(programs, name)
  writeFileSync(
    file,
    `#!/bin/sh\nprintf '%s\\n' "$@" > "${programs}/called"\npwd >> "${programs}/called"\n${script}\n`,
  )
  chmodSync(file, 0o755)
}

function called(): string[] {
  return readFileSync(path.join(programs, 'called'), 'utf8').trim().split('\n')
}

function open(secrets: ReleaseSecrets, signal?: AbortSignal) {
  const commands = new LocalCommandRunner({baseVariables: {PATH: `${programs}:/usr/bin:/bin`}})
  const needs = {box: new FakeSecretBox(), commands, toolVariables: {OP_ACCOUNT: 'team'}}
  return openSecrets(needs, {secrets, directory: place, ...(signal && {signal})})
}

function reference(text: string): ReleaseSecrets {
  return {KEY: {kind: 'reference', reference: text}}
}

async function valueOf(text: string): Promise<string | undefined> {
  return (await open(reference(text)))['KEY']?.reveal()
}

describe('opening', () => {
  test('gives every secret of a release, each hidden from print', async () => {
    tool('op', 'echo from-op')
    const opened = await open({
      A: {kind: 'sealed', sealed: fakeSealed('CANARY')},
      ...reference('secret://op/v/i/f'),
    })

    expect([opened['A']?.reveal(), opened['KEY']?.reveal()]).toEqual(['CANARY', 'from-op'])
    expect(JSON.stringify(opened)).toBe('{"A":"[secret]","KEY":"[secret]"}')
  })

  test('names the variable that can not be opened', async () => {
    const error = await failureOf(open({API_KEY: {kind: 'sealed', sealed: fakeSealed('sealed to others')}}))

    expect(error).toMatchObject({
      code: 'E_SECRET_IDENTITY',
      what: "Can't open API_KEY",
      why: 'it was sealed to others',
    })
  })
})

describe('the tools of other stores', () => {
  test('1Password is asked with one argument, and its line end is its own', async () => {
    tool(
      'op',
      'printf "%s" "$OP_ACCOUNT" >> "$0.account"; printf "a\\nb\\n\\n"; echo "a new version is there" >&2',
    )

    expect(await valueOf('secret://op/My%20Vault/stripe/key')).toBe('a\nb\n')
    expect(called()).toEqual(['read', 'op://My Vault/stripe/key', place])
    expect(readFileSync(path.join(programs, 'op.account'), 'utf8')).toBe('team')
  })

  test('AWS answers in JSON, so that every character arrives', async () => {
    tool('aws', `cat <<'END'\n"line\\n\\"quoted\\" \\u20ac\\n"\nEND`)

    expect(await valueOf('secret://ssm/billing/key')).toBe('line\n"quoted" €\n')
    expect(called()).toContain('--name=/billing/key')
  })

  test('sops opens a file of the release', async () => {
    writeFileSync(path.join(place, 'secrets.yaml'), 'stripe: from-file')
    tool('sops', 'cut -d " " -f 2 "$4"')

    expect(await valueOf('secret://sops/secrets.yaml#stripe')).toBe('from-file')
    expect(called()).toEqual(['--decrypt', '--extract', '["stripe"]', './secrets.yaml', place])
  })

  test.each([
    ['secret://sops/a.yaml#b', 'sops'],
    ['secret://op/v/i/f', 'op'],
  ])('that are missing are named with what to install: %s', async (text, program) => {
    const error = await failureOf(open(reference(text)))

    expect(error).toMatchObject({code: 'E_SECRET_TOOL', exitCode: 4, what: "Can't open KEY"})
    expect(error.why).toContain(`the program ${program} is not installed`)
    expect(error.next.join(' ')).toContain('https://')
  })

  test('that refuse are quoted with their last words, but not with what they wrote to stdout', async () => {
    tool('op', 'echo CANARY; printf "[ERROR] not \\033[31msigned in\\n" >&2; exit 6')
    const error = await failureOf(open(reference('secret://op/v/i/f')))

    expect(error.code).toBe('E_SECRET_TOOL')
    expect(error.why).toContain('exit 6, [ERROR] not  [31msigned in')
    expect(error.next).toEqual(['op read op://v/i/f'])
    expect(allTextOf(error)).not.toContain('CANARY')
  })

  test.each([
    ['nothing', 'true'],
    ['a line end only', 'echo'],
    ['a NUL', 'printf "a\\000b"'],
    ['no text', 'printf "\\377"'],
    ['more than 256 kB', 'head -c 300000 /dev/zero | tr "\\0" x'],
  ])('that answer with %s are not believed', async (_what, script) => {
    tool('op', script)

    expect(await failureOf(open(reference('secret://op/v/i/f')))).toMatchObject({
      code: 'E_SECRET_TOOL',
      why: expect.stringContaining('nothing that can be a variable'),
    })
  })

  test.each(['17', '["CANARY"]', '{', 'null'])('AWS that answers %s is not believed', async (answer) => {
    tool('aws', `echo '${answer}'`)
    const error = await failureOf(open(reference('secret://ssm/a')))

    expect(error.code).toBe('E_SECRET_TOOL')
    expect(error.message).not.toContain('CANARY')
  })

  test('are ended when the command is interrupted', async () => {
    tool('op', 'touch "$0.began"; sleep 60')
    const stop = new AbortController()
    const opening = open(reference('secret://op/v/i/f'), stop.signal)
    stop.abort(new Error('Ctrl-C'))

    await expect(opening).rejects.toThrow('Ctrl-C')
  })

  test('are not run for a reference that somebody wrote into the catalog by hand', async () => {
    tool('sops', 'echo CANARY')
    const error = await failureOf(open(reference('secret://sops/../../etc/passwd#a')))

    expect(error).toMatchObject({code: 'E_SECRET_REFERENCE', what: "Can't open KEY"})
    expect(() => called()).toThrow('ENOENT')
  })
})
