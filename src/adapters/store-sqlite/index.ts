/**
 * The store in one SQLite file, used by several processes at once. Tried with SQLite 3.53 (`node:sqlite` of Node 24,
 * `@photostructure/sqlite` 1.2.1). Quirks: a NUL ends a bound text early and half a character becomes U+FFFD, so writes
 * with them are refused; a full disk may come as a plain I/O error; the package keeps its statements, and with them a
 * closed connection, until they are collected.
 */
export {checkSqliteStore} from './check.js'
export {openSqliteStore} from './sqlite-store.js'
