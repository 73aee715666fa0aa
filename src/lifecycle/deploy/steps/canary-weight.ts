import {type Stored} from '../../../catalog/collection.js'
import {type Instance} from '../../../domain/instance.js'
import {webProcess} from '../../../domain/procfile.js'

const usualWeight = 100
const greatestWeight = 256

/**
 * The weight that gives new instances a share of the traffic beside old ones.
 * @param share percent
 * @returns the weight of each, and the percentage it comes to: weights end at 256, so few can't have much beside many
 */
export function canaryWeight(
  share: number,
  added: readonly Stored<Instance>[],
  old: readonly Stored<Instance>[],
): {weight: number; percent: number} | undefined {
  const count = added.filter(({record}) => record.process === webProcess).length
  const serving = old.filter(({record}) => record.process === webProcess && record.state === 'up')
  const others = serving.reduce((sum, {record}) => sum + (record.weight ?? usualWeight), 0)
  if (count === 0 || others === 0) return undefined
  const wanted = Math.round((share * others) / ((100 - share) * count))
  const weight = Math.min(greatestWeight, Math.max(1, wanted))
  return {weight, percent: Math.round((100 * weight * count) / (weight * count + others))}
}
