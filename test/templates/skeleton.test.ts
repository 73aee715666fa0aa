import {readFileSync} from 'node:fs'
import {runInThisContext} from 'node:vm'

import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import Handlebars from 'handlebars'
import {parse as parseYaml} from 'yaml'

import {type Answers, ciSystems} from '../../src/domain/generate/answers.js'
import {checkServiceFile} from '../../src/domain/service-file.js'
import {parseSmokeFile} from '../../src/domain/smoke/parse.js'
import {type PackFile} from '../../src/templates/pack.js'
import {loadPack, type Pack, renderPack} from '../../src/templates/skeleton.js'
import {readDockerfileValue, readMarkdown} from './readers.js'

const answers: Answers = {name: 'hello', owner: 'team-a', description: 'Says hello', ci: 'github', port: 3100}
const pack = await loadPack('node')

const hostile = fc.oneof(
  fc.constant('Bob\'s "x": #1 ${{y}} {{z}} $(id)\n\u{1f680} </script>'),
  fc.constantFrom('yes', '- x', ': ', '# x', '1. x', '{{#with}}', '`', '\\', "'", '|', '<!--', '[a]: b'),
  fc.string({unit: 'grapheme', minLength: 1}).filter((value) => !/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(value)),
)

describe('the node pack', () => {
  test.each(ciSystems)('has these files for --ci %s', (ci) => {
    const paths = renderPack(pack, {...answers, ci}).map((file) => file.path)

    expect(`${paths.join('\n')}\n`).toBe(readFileSync(`test/golden/skeleton-node-${ci}.txt`, 'utf8'))
  })

  test('leaves every file parseable and every answer as it was', () => {
    fc.assert(
      fc.property(hostile, hostile, (owner, description) => {
        const files = rendered({...answers, owner, description})

        expect(JSON.parse(files['package.json']!)).toMatchObject({name: 'hello', author: owner, description})
        expect(parseYaml(files['service.yaml']!)).toMatchObject({name: 'hello', owner, description, port: 3100})
        const label = (key: string) => new RegExp(`image\\.${key}=(.*?)(?: \\\\)?\n`).exec(files['Dockerfile']!)![1]!
        expect(readDockerfileValue(label('description'))).toBe(description.replaceAll('\n', ' '))
        expect(readDockerfileValue(label('vendor'))).toBe(owner.replaceAll('\n', ' '))
        const lines = files['README.md']!.split('\n')
        expect(readMarkdown(lines[2]!)).toBe(description)
        expect(readMarkdown(lines[4]!)).toBe(`Owner: ${owner}`)
        expect(lines[6]).toBe('## Reach it')
      }),
      {numRuns: 300},
    )
  })

  test('keeps every workflow expression byte for byte', () => {
    const expressions = (text: string) => text.match(/\$\{\{.*?\}\}/g)
    const source = readFileSync('templates/service-skeleton/node/.github/workflows/ci.yml.hbs', 'utf8')

    const workflow = rendered(answers)['.github/workflows/ci.yml']!

    expect(expressions(workflow)).toEqual(expressions(source))
    expect(expressions(workflow)).toHaveLength(5)
    expect(() => parseYaml(workflow) as unknown).not.toThrow()
  })

  test('its workflow pins actions by commit and grants permissions job by job', () => {
    const text = rendered(answers)['.github/workflows/ci.yml']!
    const workflow = parseYaml(text) as {permissions: object; jobs: Record<string, {permissions: object}>}

    for (const line of text.split('\n').filter((one) => one.includes('uses:'))) {
      expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    }
    expect(workflow.permissions).toEqual({})
    for (const job of Object.values(workflow.jobs)) expect(job.permissions).toEqual({contents: 'read'})
  })

  test('its GitLab pipeline tests every supported version of Node', () => {
    const pipeline = parseYaml(rendered({...answers, ci: 'gitlab'})['.gitlab-ci.yml']!) as Record<string, object>

    expect(pipeline['test']).toMatchObject({
      parallel: {matrix: [{NODE_VERSION: ['20', '22', '24']}]},
      script: ['npm ci', 'npm test'],
      variables: {SERVICE: 'hello'},
    })
  })

  test('its service file is what yard register takes', () => {
    expect(checkServiceFile(parseYaml(rendered(answers)['service.yaml']!))).toMatchObject({ok: true})
  })

  test('its smoke files are what yard smoke takes', () => {
    const smoke = Object.entries(rendered(answers)).filter(([path]) => /^smoke\/.*\.hurl$/.test(path))

    expect(smoke).toHaveLength(2)
    for (const [, text] of smoke) expect(parseSmokeFile(text)).toMatchObject({ok: true})
  })

  test('its lock file names no registry and runs no install script', () => {
    const lock = rendered(answers)['package-lock.json']!

    expect(lock).not.toMatch(/"resolved"|hasInstallScript/)
    expect(JSON.parse(lock)).toMatchObject({name: 'hello', packages: {'': {name: 'hello'}}})
  })

  test('has at most 150 lines of its own code outside tests and configuration', () => {
    const code = Object.entries(rendered(answers)).filter(([path]) => /^src\/(?!config)/.test(path))
    const lines = code.flatMap(([, text]) => text.split('\n')).filter((line) => !/^\s*(?:$|\/\/|\/?\*)/.test(line))

    expect(lines.length).toBeLessThanOrEqual(150)
  })

  test('gives the same for the same answers', () => {
    expect(renderPack(pack, answers)).toEqual(renderPack(pack, answers))
  })
})

describe('a wrong pack is refused before anything is written', () => {
  const whole = '{{name}} {{port}} {{json owner}}\n'

  test('an unknown answer, with file and line', () => {
    expect(() => renderPack(packOf(`${whole}{{json description}}\n{{nobody}}`), answers)).toThrow(/a\.txt\.hbs:3: .*nobody/)
    expect(() => renderPack(packOf(`${whole}{{json nobody}}`), answers)).toThrow(/a\.txt\.hbs:2: .*no answer/)
  })

  test('an answer without an encoder', () => {
    expect(() => renderPack(packOf(`${whole}{{description}}`), answers)).toThrow(/a\.txt\.hbs.*without an encoder/)
  })

  test('an answer that no file uses', () => {
    expect(() => renderPack(packOf(whole), answers)).toThrow(/no file uses the answer "description"/)
  })

  test.each(['../{{name}}', '.git/hooks/{{name}}', '/{{name}}', '{{owner}}.txt'])('the path %s', (path) => {
    expect(() => renderPack(packOf(`${whole}{{json description}}`, path), answers)).toThrow(/a\.txt\.hbs: the path/)
  })
})

function rendered(given: Answers): Record<string, string> {
  return Object.fromEntries(renderPack(pack, given).map((file) => [file.path, file.text]))
}

function packOf(source: string, path = 'a.txt'): Pack {
  const compiled = Handlebars.precompile(source, {strict: true, noEscape: true}) as string
  const template = runInThisContext(`(${compiled})`) as Record<string, unknown>
  const file: PackFile = {path, source: 'a.txt.hbs', executable: false, template}
  return {name: 'trial', version: '1.0.0', digest: '', files: [file]}
}
