/** Regular expressions from users, whose time grows with the text only; the types live where they are used. */
export {
  PatternFault,
  type RegularExpression,
  type RegularExpressions,
} from '../domain/smoke/evaluation/tools.js'
