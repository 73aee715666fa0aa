import {expect, test} from '@jest/globals'

import {type RegisterReport} from '../../src/lifecycle/register.js'
import {registerView} from '../../src/terminal/register-view.js'
import {aService} from '../fakes/records.js'

const report: RegisterReport = {outcome: 'added', dryRun: false, service: aService(), changes: []}
const written = ['Procfile', 'service.yaml'].map((name) => ({path: `/srv/hello/${name}`, text: ''}))
const nextOf = (text: string) => text.slice(text.indexOf('Next:')).split('\n')

test('what was written has to be committed before it can be deployed', () => {
  const text = registerView({...report, init: {recognised: 'Python', written, kept: []}})

  expect(nextOf(text)).toEqual([
    'Next: git add Procfile service.yaml && git commit -m "Describe the service"',
    '      yard deploy --env local',
  ])
})

test('only what is missing in the repository is added to it', () => {
  const text = registerView({
    ...report,
    init: {recognised: 'Python', written: written.slice(1), kept: ['/srv/hello/Procfile']},
  })

  expect(nextOf(text)[0]).toBe('Next: git add service.yaml && git commit -m "Describe the service"')
})

test('without a new file the next thing is a deploy', () => {
  expect(nextOf(registerView(report))).toEqual(['Next: yard deploy --env local'])
})

test('a dry run has nothing to do next', () => {
  expect(registerView({...report, dryRun: true})).toMatch(/Nothing was changed\.$/)
})
