/**
 * The store in an etcd cluster, over its JSON gateway (`/v3/`, etcd 3.4 and newer). Tried with etcd 3.4.23. Quirks: a
 * watch from a revision above the cluster's stays silent; the header of a watch is ahead of its events; a renewed
 * lease that is gone is answered without a time to live; a watch with an outdated token is refused as not permitted;
 * Common Names in client certificates are not users for the gateway. Keys of yard's own begin with NUL and are left
 * out of every list.
 */
export {openEtcdStore} from './etcd-store.js'
export {type EtcdStoreOptions} from './options.js'
