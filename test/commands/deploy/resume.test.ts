import DeployResume from '../../../src/commands/deploy/resume.js'
import {refusesWhatIsOverOrUnknown} from './refusals.js'

refusesWhatIsOverOrUnknown(DeployResume, 'resume')
