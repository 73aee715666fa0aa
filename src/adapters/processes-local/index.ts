export {type KeeperLimits} from './records.js'
export {LocalProcessManager, type LocalProcessSettings} from './local-process-manager.js'
