import fs from 'node:fs'
import path from 'node:path'

import {printable} from '../domain/names.js'
import {type Platform} from '../domain/platform-file.js'
import {YardError} from '../errors.js'

/** What a catalog asks of those who use it. Texts of files, not their names. */
export interface CatalogAccess {
  tls: {ca?: string; certificate?: string; key?: string}
  user?: {name: string; password: string}
  token?: string
}

/**
 * Takes each part from the environment first, then from the platform file.
 * @throws YardError E_CATALOG_AUTH when a file that is named can't be read.
 */
export function catalogAccess(
  variables: Readonly<Record<string, string | undefined>>,
  platform: Platform | undefined,
): CatalogAccess {
  const declared = platform?.catalog
  const near = platform === undefined ? process.cwd() : path.dirname(platform.file)
  const text = (variable: string, inPlatform: string | undefined) => {
    const given = present(variables[variable])
    if (given !== undefined) return readText(path.resolve(given), variable)
    return inPlatform === undefined ? undefined : readText(path.resolve(near, inPlatform), 'yard.yaml')
  }
  const ca = text('YARD_CATALOG_CA', declared?.ca)
  const certificate = text('YARD_CATALOG_CERTIFICATE', declared?.certificate)
  const key = text('YARD_CATALOG_KEY', declared?.key)
  const password =
    present(variables['YARD_CATALOG_PASSWORD']) ?? text('YARD_CATALOG_PASSWORD_FILE', undefined)?.trim()
  const name = present(variables['YARD_CATALOG_USER']) ?? declared?.user
  const token = present(variables['YARD_TOKEN']) ?? text('YARD_TOKEN_FILE', undefined)?.trim()
  return {
    tls: {
      ...(ca !== undefined && {ca}),
      ...(certificate !== undefined && {certificate}),
      ...(key !== undefined && {key}),
    },
    ...(name !== undefined && password !== undefined && {user: {name, password}}),
    ...(token !== undefined && {token}),
  }
}

/** The variables that a program started by yard needs in order to use the same catalog. */
export const catalogVariables = [
  'YARD_CATALOG_CA',
  'YARD_CATALOG_CERTIFICATE',
  'YARD_CATALOG_KEY',
  'YARD_CATALOG_PASSWORD',
  'YARD_CATALOG_PASSWORD_FILE',
  'YARD_CATALOG_USER',
  'YARD_TOKEN',
  'YARD_TOKEN_FILE',
  'YARD_PLATFORM',
  'YARD_IDENTITY',
] as const

/** Those of them that name a file. */
export const catalogFileVariables: ReadonlySet<string> = new Set([
  'YARD_CATALOG_CA',
  'YARD_CATALOG_CERTIFICATE',
  'YARD_CATALOG_KEY',
  'YARD_CATALOG_PASSWORD_FILE',
  'YARD_TOKEN_FILE',
  'YARD_PLATFORM',
  'YARD_IDENTITY',
])

function present(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value
}

function readText(file: string, namedBy: string): string {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (error) {
    const {code = 'it is unreadable'} = error as NodeJS.ErrnoException
    throw new YardError('E_CATALOG_AUTH', {
      what: `Can't read ${printable(file)}`,
      why: `${namedBy} names it as what the catalog asks for, and reading it gives ${code}`,
      next: [`ls -l ${file}`],
    })
  }
}
