import {fileVariables} from '../lifecycle/config/file-variables.js'
import {type ConfigListNeeds, type ConfigListRequest} from '../lifecycle/config/list.js'
import {type Yard} from './yard.js'

/** What reading config takes, and what service.yaml says when it is at hand. */
export async function configReading(
  yard: Yard,
  environment: string,
  service: string | undefined,
): Promise<{needs: ConfigListNeeds; request: ConfigListRequest}> {
  const {report, workingDirectory} = yard
  const files = {files: await yard.files(), documents: await yard.documents(), report}
  return {
    needs: {catalog: await yard.catalog(), report},
    request: {environment, service, file: () => fileVariables(files, workingDirectory, service)},
  }
}
