import {Flags} from '@oclif/core'

import RenderHaproxy from './haproxy.js'

export default class RenderEdge extends RenderHaproxy {
  static override summary = 'show the HAProxy configuration of a host that faces the outside'

  static override description =
    'One HAProxy serves the public names and the callers on its host, so this is the whole of it, with the public part in it. Nothing is changed. Which certificates there are is known on the host alone: with --diff it is asked.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --env staging',
    '<%= config.bin %> <%= command.id %> --env staging --host edge-1 --out rendered',
  ]

  static override flags = {
    ...RenderHaproxy.flags,
    host: Flags.string({helpValue: 'NAME', summary: 'the first that faces the outside unless given'}),
  }

  protected override readonly isEdge = true
}
