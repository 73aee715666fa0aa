// The same change by consul-template: it renders the whole file at each change and reloads HAProxy.
import {writeFileSync} from 'node:fs'
import path from 'node:path'

import {adminSocketIn, startHaproxy, startWithThis} from './haproxy.mjs'
import {buildConsulTemplate, startConsulStandIn} from './rivals.mjs'
import {until} from './wait.mjs'

/** Resolves with `{missing}`, or with the rival at work on so many services. */
export async function startConsulTemplate({directory, port, instances}) {
  const {program, missing} = buildConsulTemplate()
  if (missing !== undefined) return {missing}
  const endpoints = new Map()
  for (const {service, address, port: its} of instances)
    endpoints.set(service, [...(endpoints.get(service) ?? []), {address, port: its}])
  const consul = await startConsulStandIn(endpoints)
  const haproxy = await startHaproxy(directory, [{name: 'haproxy.cfg', text: headOf(directory, port)}])
  writeFileSync(path.join(directory, 'haproxy.ctmpl'), headOf(directory, port) + backends)
  const config = path.join(directory, 'haproxy.cfg')
  const command = `haproxy -c -q -f ${config} && kill -USR2 ${haproxy.masterPid}`
  const args = ['-consul-addr', consul.address, '-template', `haproxy.ctmpl:haproxy.cfg:${command}`]
  const template = startWithThis(program, [...args, '-log-level', 'warn'], {cwd: directory})
  const stop = async () => {
    await template.kill('SIGKILL')
    consul.stop()
    await haproxy.stop()
  }
  try {
    await until(
      () => `consul-template: ${template.output()}`,
      () => consul.waitingCount() > endpoints.size,
      {withinMillis: 60_000},
    )
  } catch (error) {
    await stop()
    throw error
  }
  return {set: consul.set, endpoints, output: template.output, stop}
}

const headOf = (directory, port) => `global
  stats socket ${adminSocketIn(directory)} mode 600 level admin
  hard-stop-after 10s
  mworker-max-reloads 10
  nbthread 2
  maxconn 1500
defaults
  mode http
  balance roundrobin
  option idle-close-on-response
  option redispatch 1
  timeout connect 1s
  timeout client 60s
  timeout server 60s
frontend services
  bind 127.0.0.1:${port}
  use_backend svc_%[req.hdr(Yard-Service),lower]
`

const backends = `{{range services}}
backend svc_{{.Name}}
  option httpchk GET /readyz{{range service .Name}}
  server {{.Address}}_{{.Port}} {{.Address}}:{{.Port}} check inter 10s{{end}}
{{end}}`
