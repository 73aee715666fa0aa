import {expect, test} from '@jest/globals'

import {YamlDocumentParser} from '../../../src/adapters/documents-yaml/index.js'
import {readPlatform} from '../../../src/lifecycle/platform/read.js'
import {failureOf} from '../../fakes/failure-of.js'
import {MemoryFiles} from '../../fakes/files.js'

const file = '/srv/platform/yard.yaml'

function read(text: string | undefined) {
  const files = new MemoryFiles(text === undefined ? {} : {[file]: text})
  return readPlatform({files, documents: new YamlDocumentParser()}, file)
}

test('every problem is told with its line and column', async () => {
  const error = await failureOf(
    read(
      [
        'catalog: ftp://x',
        'environments:',
        '  staging:',
        '    protectd: true',
        '    hosts:',
        '      web-1:',
        '        address: 10.0.0.256',
        '      Web2: {address: 10.0.0.2}',
      ].join('\n'),
    ),
  )

  expect(error).toMatchObject({code: 'E_PLATFORM_FILE', exitCode: 2})
  expect(error.why.split('\n').map((line) => line.trim())).toEqual([
    'yard.yaml:1:10 catalog.url must be such as sqlite:catalog.db, etcds://10.0.0.1:2379,10.0.0.2:2379 or https://yard.example.org',
    'yard.yaml:4:5 environments.staging.protectd is not a key of yard.yaml; did you mean protected?',
    'yard.yaml:7:9 environments.staging.hosts.web-1.address is not an IPv4 address',
    'yard.yaml:8:7 environments.staging.hosts.Web2 must be 1 to 40 lower-case letters, digits and single dashes, starting with a letter; try web2',
  ])
})

test('a mistake of YAML is told with its place, and a bomb of aliases is refused', async () => {
  expect(await failureOf(read('environments: [a\n  b: }'))).toMatchObject({
    code: 'E_PLATFORM_FILE',
    why: expect.stringMatching(/^yard\.yaml:\d+:\d+ /),
  })
  const bomb = ['a: &a [x, x]', ...Array.from({length: 60}, (_, index) => `b${index}: *a`)].join('\n')
  expect(await failureOf(read(bomb))).toMatchObject({
    code: 'E_PLATFORM_FILE',
    why: expect.stringContaining('aliases'),
  })
})

test('hosts may be shared with an anchor', async () => {
  const text = 'environments:\n  a: &it\n    personal: true\n  b: *it\n'

  expect((await read(text)).environments.map(({name, personal}) => [name, personal])).toEqual([
    ['a', true],
    ['b', true],
  ])
})

test('a file that was named and is not there is told with how to make one', async () => {
  expect(await failureOf(read(undefined))).toMatchObject({
    code: 'E_PLATFORM_FILE',
    why: 'there is no such file',
    next: [expect.stringContaining('yard init'), expect.anything()],
  })
})
