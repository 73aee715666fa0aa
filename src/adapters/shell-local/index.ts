export {LocalCommandRunner} from './local-command-runner.js'
