/**
 * The store behind a `yard serve`. Tried with Node 20.20 against the server of this version. Quirks: Node asks no proxy
 * and follows no redirect, which is what a token needs; a kept-alive connection may close just as a request goes out.
 */
export {type HttpStore, type HttpStoreOptions, openHttpStore} from './http-store.js'
