export {WebhookNotifier} from './webhook-notifier.js'
