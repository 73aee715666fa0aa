import os from 'node:os'
import path from 'node:path'

import {Catalog} from '../catalog/catalog.js'
import {type Report} from '../contracts/report.js'
import {type Host} from '../domain/environment.js'
import {SystemClock} from '../adapters/clock-system/index.js'
import {catalogAccess} from './catalog-access.js'
import {parseCatalogUrl} from './catalog-url.js'
import {cleanVariables} from './clean-variables.js'
import {parseFailpoint} from './failpoint.js'
import {findPlatformFile} from './find-platform-file.js'
import {openStore} from './open-catalog.js'
import {yardPaths} from './paths.js'
import {type Yard} from './yard.js'

export interface YardSettings {
  root: string
  catalogUrl: string | undefined
  platformFile: string | undefined
  report: Report
  signal: AbortSignal
}

/** Picks the adapter behind each contract. The only place that knows them, and that reads the environment. */
export function openYard(settings: YardSettings): Yard {
  const {report, signal} = settings
  const paths = yardPaths(settings.root, process.env)
  const clock = new SystemClock()
  const baseVariables = cleanVariables(process.env)
  const closers: (() => Promise<void> | void)[] = []

  const commands = once(async () => {
    const {LocalCommandRunner} = await import('../adapters/shell-local/index.js')
    return new LocalCommandRunner({baseVariables})
  })

  const platform = once(async () => {
    const file = findPlatformFile(settings.platformFile, process.cwd(), paths)
    if (file === undefined) return undefined
    const {readPlatformFile} = await import('./platform.js')
    return readPlatformFile(file)
  })

  const catalogLocation = once(async () => {
    if (settings.catalogUrl !== undefined) return parseCatalogUrl(settings.catalogUrl)
    const declared = await platform()
    if (declared?.catalog === undefined) return {kind: 'sqlite' as const, file: paths.catalogFile}
    return parseCatalogUrl(declared.catalog.url, path.dirname(declared.file))
  })

  return {
    workingDirectory: process.cwd(),
    paths,
    catalogLocation,
    platform,
    failpoint: parseFailpoint(process.env['YARD_FAILPOINT']),
    actor: `${os.userInfo().username}@${os.hostname()}`,
    machine: os.hostname(),
    clock,
    report,
    signal,
    baseVariables,
    catalog: once(async () => {
      const store = await openStore(
        await catalogLocation(),
        async () => catalogAccess(process.env, await platform()),
        (text) => report({kind: 'warning', text}),
      )
      closers.push(() => store.close())
      return new Catalog(store)
    }),
    repository: once(async () => {
      const {GitRepository} = await import('../adapters/repo-git/index.js')
      return new GitRepository({variables: baseVariables})
    }),
    artifacts: once(async () => {
      const {FileArtifactStore} = await import('../adapters/artifacts-files/index.js')
      return new FileArtifactStore(paths)
    }),
    commands,
    processes: once(async () => {
      const {LocalProcessManager} = await import('../adapters/processes-local/index.js')
      return new LocalProcessManager({
        directory: paths.processes,
        keeper: [process.execPath, path.join(paths.root, 'dist', 'keeper.js')],
        baseVariables,
      })
    }),
    hosts: once(async () => {
      const [{HostConnections}, {practiceFleetIdentity}] = await Promise.all([
        import('./host-connections.js'),
        import('./practice-fleet-identity.js'),
      ])
      const practiceIdentity = (host: Host) => practiceFleetIdentity(paths, host)
      const hosts = new HostConnections({platform, practiceIdentity})
      closers.push(() => hosts.close())
      return hosts
    }),
    http: once(async () => {
      const {NodeHttpClient} = await import('../adapters/http-node/index.js')
      const client = new NodeHttpClient()
      closers.push(() => client.close())
      return client
    }),
    logs: once(async () => {
      const {FileLogReader} = await import('../adapters/logs-files/index.js')
      return new FileLogReader({directory: paths.processes})
    }),
    documents: once(async () => {
      const {YamlDocumentParser} = await import('../adapters/documents-yaml/index.js')
      return new YamlDocumentParser()
    }),
    regularExpressions: once(async () => {
      const {Re2RegularExpressions} = await import('../adapters/regex-re2/index.js')
      return new Re2RegularExpressions()
    }),
    files: once(async () => {
      const {LocalFiles} = await import('../adapters/files-local/index.js')
      return new LocalFiles()
    }),
    stages: once(async () => {
      const {LocalStages} = await import('../adapters/stage-local/index.js')
      return new LocalStages()
    }),
    secrets: once(async () => {
      const {AgeSecretBox} = await import('../adapters/secrets-age/index.js')
      return new AgeSecretBox({identityFile: paths.identity})
    }),
    graphs: once(async () => {
      const {GraphvizDrawer} = await import('../adapters/graph-graphviz/index.js')
      return new GraphvizDrawer()
    }),
    close: async () => {
      for (const close of closers.reverse()) await close()
    },
  }
}

/** Opens when first asked for, and only once. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined
  return () => (opened ??= open())
}
