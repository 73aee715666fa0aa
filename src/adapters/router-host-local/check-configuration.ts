import {execFile} from 'node:child_process'

import {objectionIn} from '../../domain/haproxy/answers.js'
import {configFile} from '../../domain/haproxy/rendered.js'

import {type FoundHaproxy} from './find-haproxy.js'

const deadlineMillis = 30_000

/** What HAProxy objects to in the configuration of a directory; undefined when it accepts it. */
export function checkConfiguration(haproxy: FoundHaproxy, directory: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = {timeout: deadlineMillis, env: haproxy.variables, maxBuffer: 1_048_576}
    execFile(haproxy.file, ['-c', '-C', directory, '-f', configFile], options, (error, stdout, stderr) => {
      resolve(error === null ? undefined : (objectionIn(`${stderr}\n${stdout}`) ?? error.message))
    })
  })
}
