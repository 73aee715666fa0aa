import {type Catalog} from '../../catalog/catalog.js'
import {type Clock} from '../../contracts/clock.js'
import {type Files} from '../../contracts/files.js'
import {type Report} from '../../contracts/report.js'

export interface CatalogFollowerNeeds {
  catalog: Catalog
  clock: Clock
  files: Pick<Files, 'readText' | 'writeText'>
  /** Hears what people should know and what doesn't stop the work. */
  report?: Report
  /** From 0 to 1; so that hundreds of hosts don't ask at once. Default `Math.random`. */
  random?: () => number
}

export interface CatalogFollowerSettings {
  environment: string
  /** Absolute: where the last good state is kept for a start without the catalog. */
  stateFile: string
}
