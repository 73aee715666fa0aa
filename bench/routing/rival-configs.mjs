// One ACL and one use_backend for each service, as the published layouts of others have it, around yard's own backends.
import {adminSocketIn} from './haproxy.mjs'

/**
 * `named`: an ACL with a name, as in the slides of Runscope; `inline`: the same condition without a name, which HAProxy
 * reads faster. Their frontend does nothing but route, so that all the rest of yard's counts against yard.
 */
export function oneAclPerService(kind, {directory, port, threads, services, backends}) {
  const lines = services.flatMap((name, index) =>
    kind === 'named'
      ? [`  acl is_${index} req.hdr(Yard-Service) -i ${name}`, `  use_backend svc_${name} if is_${index}`]
      : [`  use_backend svc_${name} if { req.hdr(Yard-Service) -i ${name} }`],
  )
  return `${head(directory, threads)}
frontend rival
  bind 127.0.0.1:${port}
${lines.join('\n')}
${backends}`
}

/** The same frontend with a map, so that the price of all that yard's does besides routing can be told. */
export function oneMapOnly({directory, port, threads, backends}) {
  return `${head(directory, threads)}
frontend rival
  bind 127.0.0.1:${port}
  use_backend %[req.hdr(Yard-Service),lower,map_str(services.map)]
${backends}`
}

const head = (directory, threads) => `global
  stats socket ${adminSocketIn(directory)} mode 600 level admin
  nbthread ${threads}
  maxconn 1500
defaults
  mode http
  balance roundrobin
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive 30s`

/** Everything from the first backend of a service on, of a configuration that yard rendered. */
export function backendsOf(config) {
  return config.slice(config.indexOf('\nbackend svc_'))
}

/** Health checks would take the time that is measured, and files for each; here nothing counts but routing. */
export function withoutChecks(config) {
  return config.replaceAll(/^( {2}server \S+ \S+).*$/gm, '$1')
}
