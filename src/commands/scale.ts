import {Args} from '@oclif/core'

import {yesFlag} from '../app/confirm.js'
import {serviceMeant} from '../app/deploy-meant.js'
import {rolloutNeeds} from '../app/deploy-needs.js'
import {dryRunFlag, envFlag, jsonLinesFlag, YardCommand} from '../app/yard-command.js'
import {scale, type ScaleReport} from '../lifecycle/scale/scale.js'
import {parseScaleWords} from '../lifecycle/scale/words.js'
import {scaleView} from '../terminal/scale-view.js'

export default class Scale extends YardCommand {
  static override changes = true
  static override summary = 'change how many instances of a service run'

  static override description =
    'Starts what is missing, which gets traffic once it is ready, and lets what is too many finish what it has and end. Instances are spread over the hosts of the environment, and every later deploy keeps to it. A process that was never scaled runs once on every host. Without PROCESS=NUMBER it shows how many there are.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> web=2 --env local',
    '<%= config.bin %> <%= command.id %> hello web=1 --env local --dry-run',
  ]

  static override args = {
    words: Args.string({
      ignoreStdin: true,
      multiple: true,
      description: 'PROCESS=NUMBER, and the name of a service unless it is the one in this directory',
    }),
  }

  static override flags = {env: envFlag, 'dry-run': dryRunFlag, yes: yesFlag, 'json-lines': jsonLinesFlag}

  async run(): Promise<ScaleReport> {
    const {args, flags} = await this.parse(Scale)
    const {processes, service} = parseScaleWords(args.words ?? [])
    const yard = await this.yard()
    const report = await scale(await rolloutNeeds(yard, flags.yes), {
      service: await serviceMeant(yard, service, 'scale'),
      environment: flags.env,
      processes,
      dryRun: flags['dry-run'],
    })
    this.print(scaleView(report))
    return report
  }
}
