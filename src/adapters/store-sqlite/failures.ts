import fs from 'node:fs'
import path from 'node:path'

import {YardError} from '../../errors.js'
import {keepCorruptCopy} from './corrupt-copy.js'
import {DamagedContent} from './rows.js'

/** SQLite's primary result codes that mean something to a person. */
const codes = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  protocol: 15,
  notADatabase: 26,
}

/** The package gives no code with a failure of `all()`. */
const codeOfText: Record<string, number> = {
  'database is locked': codes.busy,
  'database table is locked': codes.locked,
  'attempt to write a readonly database': codes.readOnly,
  'disk I/O error': codes.ioError,
  'database disk image is malformed': codes.corrupt,
  'database or disk is full': codes.full,
  'unable to open database file': codes.cannotOpen,
  'locking protocol': codes.protocol,
  'file is not a database': codes.notADatabase,
}

/**
 * What SQLite says where yard's own statements don't fit the file: its tables were made by yard in one transaction, so
 * only damage brings it about.
 */
const signsOfDamage =
  /^(no such (table|column|index)|table \w+ already exists|unsupported file format|malformed|(UNIQUE|CHECK|NOT NULL) constraint failed|cannot store )/

/** Somebody else is writing; the same call may pass a moment later. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error)
  return code === codes.busy || code === codes.locked || code === codes.protocol
}

/** This user may not write there: the file, its directory or its log. Reading may still be possible. */
export function isRefusedWrite(error: unknown): boolean {
  const code = primaryCode(error)
  if (code === codes.readOnly || code === codes.cannotOpen) return true
  return ['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(error) ?? '')
}

/** Turns what SQLite or the file system says into an error that a person can act on; other errors stay as they are. */
export function explain(error: unknown, file: string): unknown {
  if (error instanceof YardError) return error
  const code = primaryCode(error)
  if (code === codes.corrupt || code === codes.notADatabase || isDamage(error)) return corrupt(file, error)
  if (code === codes.full || errnoOf(error) === 'ENOSPC') return diskFull(file, error)
  if (code === codes.ioError || code === codes.cannotOpen) {
    return isDiskFull(file) ? diskFull(file, error) : unreachable(file, error)
  }
  if (code === codes.readOnly) return notPermitted(file, 'the file or its directory is read-only', error)
  if (isBusy(error)) return busy(file, error)
  return explainErrno(error, file)
}

export function notAFile(file: string, why: string): YardError {
  return new YardError('E_CATALOG_URL', {
    what: `Can't open the catalog ${file}`,
    why,
    next: ['name a file, such as --catalog sqlite:/srv/yard/catalog.db'],
  })
}

export function fromNewerYard(file: string): YardError {
  return new YardError('E_CATALOG_NEWER', {
    what: `Can't open the catalog ${file}`,
    why: 'a newer yard wrote it, and this one does not know its layout',
    next: ['npm install --global yard', 'yard --version'],
  })
}

export function unreadableLog(file: string, cause: unknown): YardError {
  const quoted = shellWord(file)
  return new YardError('E_PERMISSION', {
    what: `Can't read the catalog ${file}`,
    why: 'its last changes are still in its log, which only a user who may write to the directory can bring in',
    next: [
      `ls -l ${quoted}*`,
      `YARD_CATALOG=${shellWord(`sqlite:${file}`)} yard services list   # as its owner`,
    ],
    cause,
  })
}

function explainErrno(error: unknown, file: string): unknown {
  switch (errnoOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return notPermitted(file, 'this user may not write there', error)
    case 'EROFS':
      return notPermitted(file, 'the file system is read-only', error)
    case 'EISDIR':
      return notAFile(file, 'it is a directory')
    case 'ENOTDIR':
    case 'EEXIST':
      return notAFile(file, 'a part of its path is a file, not a directory')
    case 'ENAMETOOLONG':
      return notAFile(file, 'its path is too long')
    case 'ELOOP':
      return notAFile(file, 'its path is a loop of links')
    default:
      return error
  }
}

function corrupt(file: string, cause: unknown): YardError {
  const copy = keepCorruptCopy(file)
  const kept = copy === undefined ? 'nothing was changed' : `a copy is in ${copy}`
  const quoted = shellWord(file)
  return new YardError('E_CATALOG_CORRUPT', {
    what: `Can't read the catalog ${file}`,
    why: `its content is damaged; ${kept}, and the original is still there`,
    next: [
      `sqlite3 ${quoted} .recover | sqlite3 ${shellWord(`${file}.recovered`)}   # saves what can be read`,
      `mv ${quoted} ${shellWord(`${file}.damaged`)}   # then yard up and yard register start a new catalog`,
    ],
    cause,
    details: {file, ...(copy === undefined ? {} : {copy})},
  })
}

function diskFull(file: string, cause: unknown): YardError {
  return new YardError('E_DISK_FULL', {
    what: `Can't write to the catalog ${file}`,
    why: 'no space is left on its disk; what was written before is safe',
    next: [`df -h ${shellWord(path.dirname(file))}`, 'free some space and run the command again'],
    cause,
  })
}

function notPermitted(file: string, why: string, cause: unknown): YardError {
  const directory = path.dirname(file)
  return new YardError('E_PERMISSION', {
    what: `Can't use the catalog ${file}`,
    why,
    next: [
      `ls -ld ${shellWord(directory)} ${shellWord(file)}`,
      `chmod u+rwx ${shellWord(directory)} && chmod u+rw ${shellWord(file)}*`,
    ],
    cause,
  })
}

function busy(file: string, cause: unknown): YardError {
  return new YardError('E_CATALOG_UNREACHABLE', {
    what: `Can't get a turn at the catalog ${file}`,
    why: 'another program has been writing to it all the time',
    next: ['run the command again', `fuser -v ${shellWord(file)}   # names the programs that use it`],
    cause,
  })
}

function unreachable(file: string, cause: unknown): YardError {
  return new YardError('E_CATALOG_UNREACHABLE', {
    what: `Can't use the catalog ${file}`,
    why: `the file system refused it (${cause instanceof Error ? cause.message : 'no reason given'})`,
    next: [`ls -ld ${shellWord(path.dirname(file))}`, 'yard doctor'],
    cause,
  })
}

/** SQLite reports a full disk as a plain I/O error where it can't extend its shared memory or open its log. */
function isDiskFull(file: string): boolean {
  try {
    const {bavail, ffree, files} = fs.statfsSync(path.dirname(file))
    return bavail === 0 || (files > 0 && ffree === 0)
  } catch {
    return false
  }
}

function primaryCode(error: unknown): number | undefined {
  const {errcode, message} = (error ?? {}) as {errcode?: unknown; message?: string}
  if (typeof errcode === 'number') return errcode & 0xff
  return errnoOf(error) === 'ERR_SQLITE_ERROR' ? codeOfText[message ?? ''] : undefined
}

function isDamage(error: unknown): boolean {
  if (error instanceof DamagedContent) return true
  const {code, message = ''} = (error ?? {}) as {code?: unknown; message?: string}
  return code === 'ERR_OUT_OF_RANGE' || (code === 'ERR_SQLITE_ERROR' && signsOfDamage.test(message))
}

function errnoOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
