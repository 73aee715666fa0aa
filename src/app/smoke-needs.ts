import {type SmokeNeeds} from '../lifecycle/smoke.js'
import {type SmokeServiceNeeds} from '../lifecycle/smoke-service.js'
import {type Yard} from './yard.js'

/** What running smoke tests takes, on their own or as a step of a deploy. */
export async function smokeNeeds(yard: Yard): Promise<SmokeNeeds> {
  const {P3JsonPath} = await import('../adapters/jsonpath-p3/index.js')
  const regularExpressions = await yard.regularExpressions()
  return {
    http: await yard.http(),
    files: await yard.files(),
    jsonPath: new P3JsonPath(regularExpressions),
    regularExpressions,
    clock: yard.clock,
    report: yard.report,
    signal: yard.signal,
  }
}

export async function smokeServiceNeeds(yard: Yard): Promise<SmokeServiceNeeds> {
  return {...(await smokeNeeds(yard)), catalog: await yard.catalog(), documents: await yard.documents()}
}
