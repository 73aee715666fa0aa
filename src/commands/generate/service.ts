import path from 'node:path'

import {Args, Flags} from '@oclif/core'

import {dryRunFlag, YardCommand} from '../../app/yard-command.js'
import {ciSystems} from '../../domain/generate/answers.js'
import {answersJsonSchema} from '../../domain/generate/given-answers.js'
import {generate, type GenerateReport} from '../../lifecycle/generate/generate.js'
import {generateView} from '../../terminal/generate-view.js'

export default class GenerateService extends YardCommand {
  static override summary = 'make a new service: runnable, tested, committed'
  static override description = `Renders a small HTTP service with tests, smoke tests, CI, Dockerfile and README, installs its
dependencies, runs its tests and makes the first commit. The directory appears only when all of that worked.
Never asks: everything is given by flags or has a default.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> billing',
    '<%= config.bin %> <%= command.id %> billing --owner payments --description "Sends invoices" --ci gitlab',
    '<%= config.bin %> <%= command.id %> billing --dir services --no-install --dry-run',
  ]

  static override args = {
    name: Args.string({
      description: 'name of the service: 1 to 40 lower-case letters, digits and single dashes',
      ignoreStdin: true,
    }),
  }

  static override flags = {
    template: Flags.option({
      options: ['node'] as const,
      default: 'node' as const,
      summary: 'what it is rendered from',
    })(),
    dir: Flags.string({
      default: '.',
      helpValue: 'DIR',
      summary: 'directory that the service gets its own directory in',
    }),
    owner: Flags.string({helpValue: 'TEXT', summary: "who answers for it (default: git's user.name)"}),
    description: Flags.string({helpValue: 'TEXT', summary: 'what it is for, in one sentence'}),
    ci: Flags.option({options: ciSystems, summary: 'system that tests each change (default: github)'})(),
    port: Flags.integer({helpValue: 'PORT', summary: 'port in development (default: derived from the name)'}),
    install: Flags.boolean({
      allowNo: true,
      default: true,
      summary: 'install the dependencies and run the tests; --no-install needs no network',
    }),
    'dry-run': dryRunFlag,
    answers: Flags.string({helpValue: 'FILE', summary: 'JSON file with answers; - reads standard input'}),
    set: Flags.string({
      multiple: true,
      helpValue: 'KEY=VALUE',
      summary: 'one answer; wins over those of --answers',
    }),
    'print-schema': Flags.boolean({summary: 'print the JSON Schema of the answers, and do nothing'}),
  }

  async run(): Promise<GenerateReport | typeof answersJsonSchema> {
    const {args, flags} = await this.parse(GenerateService)
    if (flags['print-schema']) {
      this.print(JSON.stringify(answersJsonSchema, undefined, 2))
      return answersJsonSchema
    }
    const yard = await this.yard()
    const {workingDirectory} = yard
    const {answers} = flags
    const report = await generate(
      {...yard, stages: await yard.stages()},
      {
        ...flags,
        name: args.name,
        parent: path.resolve(workingDirectory, flags.dir),
        workingDirectory,
        settings: flags.set ?? [],
        answersFile: answers === '-' ? '/dev/stdin' : answers && path.resolve(workingDirectory, answers),
        user: yard.actor.split('@')[0] ?? yard.actor,
        dryRun: flags['dry-run'],
      },
    )
    this.print(generateView(report))
    return report
  }
}
