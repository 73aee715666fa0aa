/** Selects from JSON documents as RFC 9535 has it; the types live where they are used, in the domain. */
export {type JsonPath, JsonPathFault} from '../domain/smoke/evaluation/tools.js'
export {type JsonValue} from '../domain/smoke/evaluation/value.js'
