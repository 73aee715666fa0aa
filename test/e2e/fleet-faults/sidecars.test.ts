import {afterAll, beforeAll, expect, test} from '@jest/globals'

import {openEtcdStore} from '../../../src/adapters/store-etcd/index.js'
import {type SidecarStatusReport} from '../../../src/lifecycle/sidecar/status.js'
import {type Cluster, etcdMissing, startCluster} from '../../support/etcd/cluster.js'
import {startCuttingProxy} from '../../support/etcd/cutting-proxy.js'
import {describeOnPracticeFleet} from '../../support/practice-fleet/index.js'
import {FaultWorld} from './fault-world.js'

const where = ['--env', 'practice']

/** The sidecars reach the etcd of this machine through a door on the bridge of the fleet. */
describeOnPracticeFleet(
  'a fleet that sidecars hold to a catalog in etcd',
  {hosts: 2, missing: etcdMissing()},
  (fleet) => {
    let cluster: Cluster
    let world: FaultWorld
    const closers: (() => Promise<void>)[] = []

    beforeAll(async () => {
      cluster = await startCluster({members: 1})
      closers.push(() => cluster.stop())
      const door = await startCuttingProxy(cluster.endpoints[0]!, fleet().gateway)
      closers.push(() => door.close())
      world = await FaultWorld.start(fleet(), {
        variables: {YARD_CATALOG: `etcd://${door.endpoint}`},
        open: async () => openEtcdStore({endpoints: [door.endpoint], namespace: '', warn: () => undefined}),
      })
      closers.push(() => world.stop())
      world.startLoad()
      await world.sandbox.mustRun(['push', '--sidecar', ...where])
      expect(await world.lost()).toEqual({})
    })
    afterAll(async () => {
      for (const close of closers.reverse()) await close()
    })

    test('hosts that were set up get their sidecars as root, and are still as they are to be', async () => {
      expect(await states(world)).toEqual({'fleet-1': 'follows', 'fleet-2': 'follows'})
      await world.sandbox.mustRun(['host', 'setup', '--all', '--check', ...where])
    })

    test('somebody with sudo may put them there as well; who has none changes nothing, and is told what to type', async () => {
      const [first] = fleet().hosts
      await first!.sh(
        'useradd --create-home --shell /bin/sh ada',
        'install -d -o ada -m 700 ~ada/.ssh',
        'install -o ada -m 600 /root/.ssh/authorized_keys ~ada/.ssh/authorized_keys',
      )
      const words = ['push', '--sidecar', '--hosts', first!.name, '--login', 'ada', ...where]
      const refused = await world.sandbox.yard(words)
      expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('--login NAME')])
      await first!.sh("echo 'ada ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/ada")

      const {stdout} = await world.sandbox.mustRun([...words, '--json'])

      expect(JSON.parse(stdout)).toMatchObject({hosts: [{host: first!.name, outcome: 'unchanged'}]})
    })

    test('a deploy and a rollback move the traffic by what the sidecars tell, and lose nothing', async () => {
      const {live} = await world.truth()
      world.startLoad()

      await world.mustDeploy()
      await world.isSettled()
      await world.sandbox.mustRun(['rollback', 'sturdy', ...where])

      expect(await world.lost()).toEqual({})
      expect((await world.truth()).live).toBe(live)
      await world.isSettled()
      expect(await world.shown()).toMatch(/deploy \d+ of sturdy to practice went live/)
    })

    test('D2 a deploy that is killed while the traffic moves is resumed by the line that is advised', async () => {
      world.startLoad()
      const shown = await world.deployKilledAt('move:written:kill')
      expect(shown).toMatch(/was abandoned in the step move 1: whoever was at work on it was killed/)
      await world.take(shown, 'yard deploy resume')

      expect(await world.lost()).toEqual({})
      await world.isSettled()
    })

    test('etcd goes in the middle: requests go on, the deploy says where it stands, and the line that it advises ends it well', async () => {
      const {live = 0} = await world.truth()
      world.startLoad()

      const ended = await world.deployWhile({at: /Move .*batch 1 of 2/, fault: () => cluster.kill(0)})

      expect([ended.code, ended.stderr]).toEqual([4, expect.stringContaining('E_CATALOG_UNREACHABLE')])
      expect(ended.stderr).toContain('stopped halfway')
      await cluster.restart(0)
      const [, number] = /yard deploy show (\d+) --service sturdy --env practice/.exec(ended.stderr) ?? []
      const shown = await world.shown()
      expect(shown).toContain(`deploy ${number} of sturdy to practice was abandoned`)
      expect(shown).toMatch(/fleet-1 1 sturdy-r\d+ has its traffic/)
      await world.take(shown, 'yard deploy resume')
      expect(await world.lost()).toEqual({})
      await world.isSettled()
      expect((await world.truth()).live).toBe(live + 1)
    })
  },
)

async function states({sandbox}: FaultWorld): Promise<Record<string, string>> {
  const {hosts} = await sandbox.json<SidecarStatusReport>(['sidecar', 'status', ...where])
  return Object.fromEntries(hosts.map(({host, state}) => [host, state]))
}
