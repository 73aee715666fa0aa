export {SlackNotifier} from './slack-notifier.js'
