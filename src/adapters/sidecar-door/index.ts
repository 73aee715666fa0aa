/**
 * The door of a sidecar on its own machine, over HTTP on 127.0.0.1: whoever may run programs there may read it, and nothing
 * can be changed through it. Quirk: a page in a browser reaches loopback through a name of its own, so names in the
 * Host header that aren't this machine's are refused.
 */
export {LoopbackDoor} from './loopback-door.js'
