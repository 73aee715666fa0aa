import {expect, test} from '@jest/globals'

import {ciRunUrl} from '../../src/app/ci-run.js'

const github = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/billing',
  GITHUB_RUN_ID: '42',
}

test.each([
  [github, 'https://github.com/acme/billing/actions/runs/42'],
  [
    {CI_JOB_URL: 'https://gitlab.example.com/acme/billing/-/jobs/7'},
    'https://gitlab.example.com/acme/billing/-/jobs/7',
  ],
  [{BUILD_URL: 'http://jenkins:8080/job/billing/7/'}, 'http://jenkins:8080/job/billing/7/'],
])('the run of %j is told', (variables, url) => {
  expect(ciRunUrl(variables)).toBe(url)
})

test.each([
  {},
  {GITHUB_SERVER_URL: 'https://github.com'},
  {CI_JOB_URL: ''},
  {BUILD_URL: 'javascript:alert(1)'},
  {BUILD_URL: 'https://user:password@ci/job'},
  {BUILD_URL: 'https://ci/job?token=sesame'},
  {BUILD_URL: `https://ci/${'x'.repeat(600)}`},
  {BUILD_URL: 'https://ci/\u001b[2J'},
])('%j is no run', (variables) => {
  expect(ciRunUrl(variables)).toBeUndefined()
})
