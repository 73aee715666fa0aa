import {keys} from '../catalog/keys.js'
import {type TailNeeds} from '../lifecycle/tail.js'
import {type Yard} from './yard.js'

/** The logs of this machine, and those in the journals of hosts, which are connected to when they are first read. */
export async function tailNeeds(yard: Yard): Promise<TailNeeds> {
  const [catalog, logs] = await Promise.all([yard.catalog(), yard.logs()])
  return {
    catalog,
    logs,
    journals: async (environment) => {
      const [shells, {JournalLogReader}] = await Promise.all([
        yard.hosts(),
        import('../adapters/logs-journal-ssh/index.js'),
      ])
      const hosts = async () => {
        const {records} = await catalog.hosts.list(keys.hosts(environment))
        return Promise.all(records.map(({record}) => shells.shell(record)))
      }
      return new JournalLogReader({clock: yard.clock, hosts})
    },
  }
}
