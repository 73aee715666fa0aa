import * as v from 'valibot'

import {quickCheckOf} from '../quick-check.js'

/** Whether a value follows a schema; quick when it does, because tens of thousands are asked about at each change. */
export function accepts<S extends v.GenericSchema>(schema: S, value: unknown): value is v.InferInput<S> {
  return quickCheckOf(schema)?.(value) === true || v.is(schema, value)
}
