import {readFileSync} from 'node:fs'

import {expect, test} from '@jest/globals'

import {inEnvironment} from '../../src/domain/next-line.js'

test.each([
  ['yard deploy', 'yard deploy --env staging'],
  ['yard deploy   # builds it again', 'yard deploy --env staging   # builds it again'],
  ['yard deploy --ref HEAD   # the last commit', 'yard deploy --env staging --ref HEAD   # the last commit'],
  ['yard host setup web-1', 'yard host setup web-1 --env staging'],
  ['yard deploy show 4 --service hello', 'yard deploy show 4 --env staging --service hello'],
  ['yard run -- node --version', 'yard run --env staging -- node --version'],
])('%j names the environment as %j', (line, expected) => {
  expect(inEnvironment(line, 'staging')).toBe(expected)
})

test.each([
  'yard deploy --env local',
  'yard ps hello -e production',
  'yard register',
  'yard deploys',
  'yard lock list',
  'ssh -l root 10.0.0.11',
  'git commit',
])('%j stays as it is', (line) => {
  expect(inEnvironment(line, 'staging')).toBe(line)
})

test('nobody has to name the environment local', () => {
  expect(inEnvironment('yard deploy', 'local')).toBe('yard deploy')
})

test.each([
  'deploy',
  'host setup',
  'hosts list',
  'instances weight',
  'logs tail',
  'maintenance on',
  'ps',
  'push',
  'run',
])('yard %s takes the flag that is added', (command) => {
  const place = `src/commands/${command.replace(' ', '/')}`
  const text = [`${place}.ts`, `${place}/index.ts`].map((file) => textOf(file)).join('')

  expect(text).toContain('env: envFlag')
  expect(inEnvironment(`yard ${command}`, 'staging')).toBe(`yard ${command} --env staging`)
})

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
