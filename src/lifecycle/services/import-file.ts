import {type DocumentParser, type Position} from '../../contracts/documents.js'
import {type DescribedService, readEntity} from '../../domain/backstage.js'
import {isName, printable} from '../../domain/names.js'
import {YardError} from '../../errors.js'

/** Larger files are refused unread. */
export const maxEntitiesBytes = 4 * 1024 * 1024

export interface LeftOut {
  name: string
  why: string
}

export interface ReadServices {
  /** With `calls` complete: APIs are replaced by who provides them. */
  services: DescribedService[]
  /** Entities and references that yard has no place for. */
  leftOut: LeftOut[]
}

interface FileProblem extends Position {
  message: string
}

const shownProblems = 20

/**
 * The services that the Backstage entities of a file describe.
 * @throws YardError E_IMPORT_FILE with every problem, each with line and column.
 */
export function readEntities(documents: DocumentParser, file: string, text: string): ReadServices {
  const services: DescribedService[] = []
  const leftOut: LeftOut[] = []
  const problems: FileProblem[] = []
  for (const document of documents.parseAll(text)) {
    if (!document.ok) {
      problems.push(...document.problems.map(({message, position}) => ({message, ...position})))
      continue
    }
    if (document.value === undefined) continue
    const entity = readEntity(document.value)
    if (entity.kind === 'bad') {
      for (const {message, path} of entity.problems) {
        problems.push({message: `${path.join('.')} ${message}`.trim(), ...document.positionOf(path, 'key')})
      }
    } else if (entity.kind === 'other') {
      leftOut.push({name: entity.name, why: `it is of the kind ${entity.what}`})
    } else if (services.some(({name}) => name === entity.service.name)) {
      problems.push({
        message: `${entity.service.name} is there twice`,
        ...document.positionOf(['metadata', 'name']),
      })
    } else services.push(entity.service)
  }
  if (problems.length > 0) throw refused(file, problems)
  if (services.length === 0 && leftOut.length === 0) throw nothing(file)
  return withCalls(services, leftOut)
}

/** Who provides an API is known only from the other components of the file. */
function withCalls(services: readonly DescribedService[], leftOut: LeftOut[]): ReadServices {
  const providers = new Map(services.flatMap(({name, provides}) => provides.map((api) => [api, name])))
  const completed = services.map((service) => {
    const provided = service.consumes.flatMap((api) => {
      const provider = providers.get(api)
      if (provider === undefined) {
        leftOut.push({name: service.name, why: `no service of the file provides the API ${api} it consumes`})
      }
      return provider === undefined ? [] : [provider]
    })
    const calls = [...new Set([...service.calls, ...provided])].filter((call) => call !== service.name).sort()
    for (const call of calls.filter((each) => !isName(each))) {
      leftOut.push({name: service.name, why: `it depends on ${call}, which can't be the name of a service`})
    }
    return {...service, calls: calls.filter(isName)}
  })
  return {services: completed, leftOut}
}

function refused(file: string, problems: readonly FileProblem[]): YardError {
  const name = printable(file).slice(1, -1)
  const shown = problems.slice(0, shownProblems).map(({column, line, message}) => {
    return `${name}:${line}:${column} ${message.replace(/[^\u0020-\u007e]/g, '?').slice(0, 300)}`
  })
  const more = problems.length > shown.length ? [`and ${problems.length - shown.length} more`] : []
  return new YardError('E_IMPORT_FILE', {
    what: `Can't import ${printable(file)}`,
    why: [...shown, ...more].join('\n  '),
    next: [`correct ${name} and run it again`],
    details: {file, problems: problems.slice(0, 1_000)},
  })
}

function nothing(file: string): YardError {
  return new YardError('E_IMPORT_FILE', {
    what: `Can't import ${printable(file)}`,
    why: 'it holds no entity of a Backstage catalog',
    next: ['use a catalog-info.yaml with documents of the kind Component'],
  })
}
