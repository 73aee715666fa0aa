import {type Store} from '../contracts/store.js'
import {type CatalogAccess} from './catalog-access.js'
import {type CatalogLocation} from './catalog-url.js'

/** Opens the store that a URL names; its library is loaded only now. */
export async function openStore(
  location: CatalogLocation,
  access: () => Promise<CatalogAccess>,
  warn: (text: string) => void,
): Promise<Store> {
  if (location.kind === 'sqlite') {
    const {openSqliteStore} = await import('../adapters/store-sqlite/index.js')
    return openSqliteStore({file: location.file, warn})
  }
  const {tls, token, user} = await access()
  if (location.kind === 'http') {
    const {openHttpStore} = await import('../adapters/store-http/index.js')
    return openHttpStore({
      url: location.url,
      warn,
      ...(token !== undefined && {token}),
      ...(tls.ca !== undefined && {ca: tls.ca}),
    })
  }
  const {openEtcdStore} = await import('../adapters/store-etcd/index.js')
  const isTls = location.isTls || Object.keys(tls).length > 0
  return openEtcdStore({
    endpoints: location.endpoints,
    namespace: location.namespace,
    warn,
    ...(isTls && {tls}),
    ...(user !== undefined && {user}),
  })
}
