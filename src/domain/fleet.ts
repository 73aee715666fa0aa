import * as v from 'valibot'

import {type Host} from './environment.js'
import {name} from './schema.js'

/** The environment of a practice fleet, unless somebody chooses another name. */
export const practiceEnvironmentName = 'practice'

/** As many as a usual machine has memory for, with room to spare. */
export const mostFleetHosts = 30

/** The first three numbers of the addresses of a private network. */
const subnet = v.pipe(v.string(), v.regex(/^10(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){2}$/))

export const fleetFileSchema = v.object({
  v: v.literal(1),
  environment: name,
  subnet,
  /** How many hosts there are. */
  hosts: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(mostFleetHosts)),
})

/** What is remembered of the practice fleet of this machine. */
export type FleetFile = v.InferOutput<typeof fleetFileSchema>

export function fleetHostName(number: number): string {
  return `fleet-${number}`
}

/** Whether no other host is ever called so by yard itself. */
export function isFleetHostName(text: string): boolean {
  return /^fleet-[1-9]\d?$/.test(text)
}

export function fleetHostNames(count: number): string[] {
  return Array.from({length: count}, (_, index) => fleetHostName(index + 1))
}

/** Where a host is reached from the machine that has the fleet. */
export function fleetAddress(subnetPrefix: string, number: number): string {
  return `${subnetPrefix}.${10 + number}`
}

/** Where the hosts reach the machine that has the fleet. */
export function fleetGateway(subnetPrefix: string): string {
  return `${subnetPrefix}.1`
}

/** Whether a record of the catalog is one of these hosts, and not another machine of the same name. */
export function isFleetHost(file: FleetFile, host: Pick<Host, 'address' | 'environment' | 'name'>): boolean {
  if (host.environment !== file.environment) return false
  const number = Number(/^fleet-(\d{1,2})$/.exec(host.name)?.[1] ?? 0)
  return number >= 1 && number <= file.hosts && host.address === fleetAddress(file.subnet, number)
}

const candidates = 256

/**
 * A private network of 256 addresses that overlaps none of those which are taken, each as in `10.0.0.0/8`; undefined when
 * there is none. The same seed gives the same one while it's free.
 */
export function chooseSubnet(taken: readonly string[], seed: number): string | undefined {
  const ranges = taken.flatMap((text) => rangeOf(text) ?? [])
  for (let attempt = 0; attempt < candidates; attempt++) {
    // Few networks of companies and none of the usual containers begin so.
    const prefix = `10.213.${(seed + attempt) % candidates}`
    if (!isTaken(prefix, ranges)) return prefix
  }
  return undefined
}

/** Whether one of these networks has an address of this one. */
export function isSubnetTaken(subnetPrefix: string, taken: readonly string[]): boolean {
  return isTaken(
    subnetPrefix,
    taken.flatMap((text) => rangeOf(text) ?? []),
  )
}

interface Range {
  first: number
  last: number
}

function isTaken(prefix: string, ranges: readonly Range[]): boolean {
  const first = numberOf(`${prefix}.0`)
  return ranges.some((range) => range.first <= first + 255 && range.last >= first)
}

function rangeOf(text: string): Range | undefined {
  const match = /^(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?$/.exec(text)
  const length = Number(match?.[2] ?? 32)
  // What is reached by way of a gateway, whatever the address, is in nobody's way.
  if (match?.[1] === undefined || length === 0 || length > 32) return undefined
  const size = 2 ** (32 - length)
  const first = Math.floor(numberOf(match[1]) / size) * size
  return {first, last: first + size - 1}
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}
