import {describe, expect, test} from '@jest/globals'

import {YardError} from '../../../src/errors.js'
import {deploy, type DeployReport, type DeployRequest} from '../../../src/lifecycle/deploy.js'
import {resumeDeploy} from '../../../src/lifecycle/deploy/resume.js'
import {restart} from '../../../src/lifecycle/restart/restart.js'
import {rollback} from '../../../src/lifecycle/rollback.js'
import {scale, type ScaleReport} from '../../../src/lifecycle/scale/scale.js'
import {errorLine, type JsonLine, jsonLines} from '../../../src/terminal/json-lines.js'
import {aSmokeReport, serviceText} from '../../fakes/deploy-world.js'
import {type FleetWorld} from '../../fakes/fleet-world.js'
import {liveFleet, request, resumption} from '../../fakes/halfway.js'
import {killAt} from '../../fakes/killing.js'

const where = {service: 'hello', environment: 'staging'}
const bad = {endsAfterMillis: 600}
type Preparation = (world: FleetWorld) => unknown
type Work = (world: FleetWorld) => Promise<DeployReport | ScaleReport>

/** A line for a person who compares: `+` done, `-` skipped, `!` failed; what came of it is last. */
async function golden(world: FleetWorld, work: Work): Promise<string> {
  const lines: JsonLine[] = []
  const {report, tell} = jsonLines(
    (line) => lines.push(line),
    () => world.clock.now(),
  )
  world.events.length = 0
  try {
    const result = await work(world)
    world.events.forEach(report)
    tell({kind: 'result', result})
  } catch (error) {
    if (!(error instanceof YardError)) throw error
    world.events.forEach(report)
    tell(errorLine(error))
  }
  for (const line of lines) expect(line).toMatchObject({v: 1, at: expect.stringMatching(/^\d{4}-.*Z$/)})
  return lines.flatMap(wordOf).join(' ')
}

function wordOf(line: JsonLine): string[] {
  switch (line.kind) {
    case 'step-finished':
      return [`${line.step}${{done: '+', skipped: '-', failed: '!'}[line.outcome]}`]
    case 'result':
      return [outcomeOf(line.result as DeployReport & ScaleReport)]
    case 'error':
      return [`${line.error.code}=${line.error.exitCode}`]
    default:
      return []
  }
}

const outcomeOf = ({deploy: one, outcome}: {deploy?: unknown; outcome?: string}) =>
  outcome ?? (one as DeployReport | undefined)?.outcome ?? 'unchanged'

const deployed =
  (changes: Partial<DeployRequest> = {}): Work =>
  (world) =>
    deploy(world.needs(), {...request, ...changes})

const nothing: Preparation = () => undefined
const begun = 'recover- build+ release+ check+ unpack+ prepare-'
const batch = 'start+ health+ move+'

describe('D14 golden lines for programs', () => {
  test.each<[string, string, Work, Preparation]>([
    ['a deploy', `${begun} ${batch} ${batch} smoke- drain+ prune- live`, deployed(), nothing],
    [
      'all hosts at once',
      `${begun} ${batch} smoke- drain+ prune- live`,
      deployed({strategy: {strategy: 'rolling', batch: '100%'}}),
      nothing,
    ],
    [
      'blue-green',
      `${begun} start+ health+ verify- move+ smoke- drain+ prune- live`,
      deployed({strategy: {strategy: 'blue-green'}}),
      nothing,
    ],
    [
      'a canary',
      `${begun} start+ health+ verify- move+ bake+ ${batch} smoke- drain+ prune- live`,
      deployed({strategy: {strategy: 'canary', bake: '4s'}}),
      nothing,
    ],
    [
      'a build that fails',
      'recover- build! E_DEPLOY_FAILED=1',
      deployed(),
      (world) =>
        world.commandResults.set('make', {outcome: 'failed', exitCode: 2, lastLines: ['no such target']}),
    ],
    [
      'an instance that ends',
      `${begun} start+ health! E_DEPLOY_FAILED=1`,
      deployed(),
      (world) => world.machine('h1').behaviours.set(2, bad),
    ],
    [
      'the second batch',
      `${begun} ${batch} start+ health! E_DEPLOY_FAILED=1`,
      deployed({onFailure: 'pause'}),
      (world) => world.machine('h2').behaviours.set(2, bad),
    ],
    [
      'a host that is left out',
      `${begun} ${batch} start+ health- move+ smoke- drain+ prune- partial`,
      deployed({onFailure: 'continue'}),
      (world) => world.machine('h2').behaviours.set(2, bad),
    ],
    [
      'smoke tests that fail',
      `${begun} ${batch} ${batch} smoke! E_DEPLOY_FAILED=1`,
      deployed(),
      (world) => {
        world.tree.set('service.yaml', serviceText.replace('[]', '[smoke/*.hurl]'))
        world.smokeReports = [aSmokeReport({outcome: 'failed', failures: 1})]
      },
    ],
    [
      'a deploy that is refused',
      'E_WORK_TREE_DIRTY=3',
      deployed(),
      (world) => {
        world.changed = ['server.js']
      },
    ],
    [
      'a rollback',
      `recover- check+ unpack+ prepare- ${batch} ${batch} smoke- drain+ prune- live`,
      (world) => rollback(world.needs(), where),
      deployed(),
    ],
    [
      'a restart',
      `recover- check+ unpack+ prepare- ${batch} ${batch} smoke- drain+ prune- live`,
      (world) => restart(world.needs(), where),
      nothing,
    ],
    [
      'another scale',
      `recover- check+ unpack+ prepare- ${batch} smoke- drain- prune- live`,
      (world) => scale(world.needs(), {...where, processes: {web: 3}, dryRun: false}),
      nothing,
    ],
    [
      'a deploy that goes on',
      `${batch} smoke- drain+ prune- live`,
      (world) => resumeDeploy(world.needs(), resumption),
      (world) => killAt(world, 'move after', (needs) => deploy(needs, request)),
    ],
  ])('of %s', async (_, expected, work, prepare) => {
    const world = await liveFleet(2)
    await prepare(world)

    expect(await golden(world, work)).toBe(expected)
  })
})
