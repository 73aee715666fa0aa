export {FileLogReader} from './file-log-reader.js'
