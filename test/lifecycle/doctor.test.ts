import {describe, expect, test} from '@jest/globals'

import {YardError} from '../../src/errors.js'
import {type Machine} from '../../src/contracts/machine.js'
import {doctor, type DoctorNeeds, type DoctorRequest} from '../../src/lifecycle/doctor.js'
import {doctorView} from '../../src/terminal/doctor-view.js'

const request: DoctorRequest = {
  directories: ['/state'],
  router: {address: '127.0.0.1', port: 7070},
  isUp: false,
}

function machine(changes: Partial<Machine> = {}): Machine {
  return {
    nodeVersion: '24.1.0',
    versionOf: async () => 'git version 2.39.5',
    isPortFree: async () => true,
    isWritable: async () => true,
    freeBytes: async () => 50 * 1024 ** 3,
    terminate: () => true,
    ...changes,
  }
}

function needs(changes: Partial<DoctorNeeds> = {}): DoctorNeeds {
  return {
    machine: machine(),
    findHaproxy: async () => ({file: '/usr/sbin/haproxy', version: '2.6.12'}),
    checkCatalog: async () => ({where: 'sqlite:/state/catalog.db', problems: []}),
    ...changes,
  }
}

describe('doctor', () => {
  test('finds nothing on a machine that has everything', async () => {
    const report = await doctor(needs(), request)
    expect(report.isHealthy).toBe(true)
    expect(report.findings.map(({outcome}) => outcome)).toEqual(report.findings.map(() => 'fine'))
  })

  const troubles: [string, Partial<DoctorNeeds>, Partial<DoctorRequest>, string][] = [
    ['Node that is too old', {machine: machine({nodeVersion: '18.20.0'})}, {}, 'nodejs.org'],
    ['git that is missing', {machine: machine({versionOf: async () => undefined})}, {}, 'install -y git'],
    [
      'git that is too old',
      {machine: machine({versionOf: async () => 'git version 2.17.1'})},
      {},
      'install -y git',
    ],
    ['a port that is taken', {machine: machine({isPortFree: async () => false})}, {}, 'yard up --port 7071'],
    [
      'a directory that is not writable',
      {machine: machine({isWritable: async () => false})},
      {},
      'YARD_STATE_DIR',
    ],
    [
      'haproxy that is missing',
      {
        findHaproxy: async () => {
          throw new YardError('E_HAPROXY_MISSING', {
            what: 'x',
            why: 'not found',
            next: ['sudo apt-get install haproxy'],
          })
        },
      },
      {},
      'sudo apt-get install haproxy',
    ],
    [
      'a damaged catalog',
      {checkCatalog: async () => ({where: 'sqlite:/x', problems: ['row 3 is missing from index']})},
      {},
      'yard status',
    ],
  ]
  for (const [trouble, changedNeeds, changedRequest, fix] of troubles) {
    test(`says how to mend ${trouble}`, async () => {
      const report = await doctor(needs(changedNeeds), {...request, ...changedRequest})
      expect(report.isHealthy).toBe(false)
      expect(report.findings.filter(({outcome}) => outcome === 'problem')).toHaveLength(1)
      expect(doctorView(report)).toContain(fix)
    })
  }

  test('warns of little disk and of a Node past its end, which are no reason to stop', async () => {
    const report = await doctor(
      needs({machine: machine({nodeVersion: '20.19.0', freeBytes: async () => 1024 ** 2})}),
      request,
    )
    expect(report.isHealthy).toBe(true)
    expect(report.findings.filter(({outcome}) => outcome === 'warning').map(({check}) => check)).toEqual([
      'node',
      'disk',
    ])
  })

  test('the port of an environment that is up is its own', async () => {
    const taken = needs({machine: machine({isPortFree: async () => false})})
    expect((await doctor(taken, {...request, isUp: true})).isHealthy).toBe(true)
  })

  test('a bug is not taken for a finding', async () => {
    const broken = needs({checkCatalog: () => Promise.reject(new TypeError('undefined is not a function'))})
    await expect(doctor(broken, request)).rejects.toThrow(TypeError)
  })
})
