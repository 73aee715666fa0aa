import DeployAbort from '../../../src/commands/deploy/abort.js'
import {refusesWhatIsOverOrUnknown} from './refusals.js'

refusesWhatIsOverOrUnknown(DeployAbort, 'abort')
