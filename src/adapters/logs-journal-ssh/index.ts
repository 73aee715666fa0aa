export {JournalLogReader} from './journal-log-reader.js'
