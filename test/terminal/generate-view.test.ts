import {expect, test} from '@jest/globals'

import {type GenerateReport} from '../../src/lifecycle/generate/generate.js'
import {generateView} from '../../src/terminal/generate-view.js'

const report: GenerateReport = {
  service: 'hello',
  directory: '/srv/hello',
  dryRun: false,
  template: {name: 'node', version: '1.0.0', digest: 'd'},
  answers: {name: 'hello', owner: 'ada', description: 'x', ci: 'none', port: 3100},
  tree: 'aaaa',
  commit: 'bbbb',
  installed: true,
  files: [{path: 'README.md', mode: '100644', sha256: '0123456789abcdef', bytes: 3, action: 'create'}],
  steps: [
    {step: 'write', millis: 40},
    {step: 'install', millis: 4_000},
  ],
  next: ['cd hello', 'yard register'],
}

test('ends with the commands to run next', () => {
  expect(generateView(report)).toBe(`hello is in /srv/hello: 1 files, installed, tested, committed (4.0 s).
In development it answers on http://127.0.0.1:3100/ (npm run dev).

Next:
  cd hello
  yard register`)
})

test('says when the dependencies are still to be installed', () => {
  expect(generateView({...report, installed: false})).toContain('its dependencies are not installed')
})

test('a dry run lists what would be made', () => {
  expect(generateView({...report, dryRun: true})).toBe(`hello would be made in /srv/hello: 1 files, tree aaaa.
  create 100644 0123456789ab README.md`)
})
