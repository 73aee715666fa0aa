import {type Machine} from '../contracts/machine.js'
import {YardError} from '../errors.js'

export interface DoctorNeeds {
  machine: Machine
  /** Opens the catalog and checks its file. @throws YardError with what is wrong. */
  checkCatalog: () => Promise<{where: string; problems: string[]}>
  /** Finds HAProxy. @throws YardError when it's missing or too old. */
  findHaproxy: () => Promise<{file: string; version: string}>
}

export interface DoctorRequest {
  directories: readonly string[]
  router: {address: string; port: number}
  /** The local environment is up: its own HAProxy holds the port. */
  isUp: boolean
}

export interface Finding {
  check: string
  outcome: 'fine' | 'warning' | 'problem'
  detail: string
  /** The line that fixes it. */
  fix?: string
}

export interface DoctorReport {
  findings: Finding[]
  isHealthy: boolean
}

const oldestNode: readonly [number, number] = [20, 19]
const oldestGit: readonly [number, number] = [2, 30]
const wantedBytes = 1024 ** 3

/** Looks at everything yard needs on this machine. Never throws for what it finds. */
export async function doctor(needs: DoctorNeeds, request: DoctorRequest): Promise<DoctorReport> {
  const findings = await Promise.all([
    checkNode(needs.machine),
    checkGit(needs.machine),
    checkHaproxy(needs),
    checkPort(needs.machine, request),
    ...request.directories.map((directory) => checkDirectory(needs.machine, directory)),
    checkDisk(needs.machine, request.directories[0] ?? '/'),
    checkCatalog(needs),
  ])
  return {findings, isHealthy: findings.every(({outcome}) => outcome !== 'problem')}
}

async function checkNode({nodeVersion}: Machine): Promise<Finding> {
  const check = 'node'
  if (!isAtLeast(nodeVersion, oldestNode)) {
    const fix = 'install Node 22 or 24 from https://nodejs.org'
    return {check, outcome: 'problem', detail: `${nodeVersion} is too old, yard needs 20.19`, fix}
  }
  const major = Number(nodeVersion.split('.')[0])
  if (major >= 22) return {check, outcome: 'fine', detail: nodeVersion}
  const fix = 'install Node 24 from https://nodejs.org'
  return {check, outcome: 'warning', detail: `${nodeVersion} works, and gets no more security fixes`, fix}
}

async function checkGit(machine: Machine): Promise<Finding> {
  const check = 'git'
  const line = await machine.versionOf('git', ['--version'])
  const fix = 'sudo apt-get install -y git'
  const version = /\d+\.\d+(?:\.\d+)?/.exec(line ?? '')?.[0]
  if (version === undefined) return {check, outcome: 'problem', detail: "git can't be run", fix}
  if (isAtLeast(version, oldestGit)) return {check, outcome: 'fine', detail: version}
  return {check, outcome: 'problem', detail: `${version} is too old, yard needs 2.30`, fix}
}

async function checkHaproxy({findHaproxy}: DoctorNeeds): Promise<Finding> {
  try {
    const {file, version} = await findHaproxy()
    return {check: 'haproxy', outcome: 'fine', detail: `${version} at ${file}`}
  } catch (error) {
    return problemOf('haproxy', error)
  }
}

async function checkPort(machine: Machine, {isUp, router}: DoctorRequest): Promise<Finding> {
  const check = `port ${router.port}`
  if (isUp) return {check, outcome: 'fine', detail: 'held by the local environment, which is up'}
  if (await machine.isPortFree(router.address, router.port)) return {check, outcome: 'fine', detail: 'free'}
  return {
    check,
    outcome: 'problem',
    detail: `something else listens on ${router.address}:${router.port}`,
    fix: `yard up --port ${router.port + 1}`,
  }
}

async function checkDirectory(machine: Machine, directory: string): Promise<Finding> {
  if (await machine.isWritable(directory)) return {check: directory, outcome: 'fine', detail: 'writable'}
  return {
    check: directory,
    outcome: 'problem',
    detail: "this user can't write there",
    fix: 'export YARD_STATE_DIR="$HOME/yard-state"',
  }
}

async function checkDisk(machine: Machine, directory: string): Promise<Finding> {
  const gigabytes = (await machine.freeBytes(directory)) / wantedBytes
  const detail = `${gigabytes.toFixed(1)} GB free`
  if (gigabytes >= 1) return {check: 'disk', outcome: 'fine', detail}
  return {check: 'disk', outcome: 'warning', detail: `${detail}; builds want 1 GB`, fix: 'df -h'}
}

async function checkCatalog(needs: DoctorNeeds): Promise<Finding> {
  try {
    const {where, problems} = await needs.checkCatalog()
    const [problem] = problems
    if (problem === undefined) return {check: 'catalog', outcome: 'fine', detail: where}
    return {check: 'catalog', outcome: 'problem', detail: `${where}: ${problem}`, fix: 'yard status'}
  } catch (error) {
    return problemOf('catalog', error)
  }
}

function problemOf(check: string, error: unknown): Finding {
  if (!(error instanceof YardError)) throw error
  return {check, outcome: 'problem', detail: error.why, fix: error.next[0]}
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}
