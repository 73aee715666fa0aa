import {expect, test} from '@jest/globals'

import {localEnvironment} from '../../src/domain/environment.js'
import {instanceVariables} from '../../src/domain/instance-environment.js'
import {anInstance, aRelease} from '../fakes/records.js'

test('an instance is told who it is and where it listens, and the service file can not say otherwise', () => {
  const release = aRelease({number: 3, variables: {GREETING: 'Hi', NODE_ENV: 'staging', YARD_RELEASE: 'x'}})

  expect(instanceVariables(anInstance({release: 3, port: 21_005}), release, localEnvironment(7171))).toEqual({
    GREETING: 'Hi',
    HOST: '127.0.0.1',
    NODE_ENV: 'staging',
    PORT: '21005',
    YARD_ENVIRONMENT: 'local',
    YARD_INSTANCE: 'hello-r3@localhost',
    YARD_RELEASE: 'hello-r3',
    YARD_ROUTER_URL: 'http://127.0.0.1:7171',
    YARD_SERVICE: 'hello',
  })
})
