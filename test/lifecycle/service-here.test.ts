import {expect, test} from '@jest/globals'

import {YamlDocumentParser} from '../../src/adapters/documents-yaml/index.js'
import {serviceHere} from '../../src/lifecycle/service-here.js'
import {serviceText} from '../fakes/deploy-world.js'
import {MemoryFiles} from '../fakes/files.js'

const here = (files: Record<string, string>, directory: string) =>
  serviceHere({files: new MemoryFiles(files), documents: new YamlDocumentParser()}, directory, 'restart')

test('a directory below that of a service is inside of it', async () => {
  const files = {'/srv/hello/service.yaml': serviceText, '/srv/hello/Procfile': 'web: node server.js\n'}

  expect(await here(files, '/srv/hello/src/deep')).toBe('hello')
})

test('elsewhere a service has to be named', () =>
  expect(here({}, '/tmp')).rejects.toMatchObject({
    code: 'E_SERVICE_FILE',
    what: "Can't restart",
    why: "no service is named, and /tmp isn't inside the directory of one: there's no service.yaml",
    next: ['yard services list   # then name one', 'cd into the directory of the service'],
  }))
