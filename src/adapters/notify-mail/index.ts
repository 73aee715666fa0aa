export {MailNotifier, type MailSettings} from './mail-notifier.js'
