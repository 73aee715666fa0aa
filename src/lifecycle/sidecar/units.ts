import {YardError} from '../../errors.js'
import {printable} from '../../domain/names.js'

export interface HaproxyUnitsRequest {
  /** The user that HAProxy and the sidecar run as. `yard` unless given. */
  user?: string
  /** `/usr/sbin/haproxy` unless given. */
  haproxy?: string
}

export interface SidecarUnitsRequest extends HaproxyUnitsRequest {
  environment: string
  host: string
  /** As in `etcd://10.0.0.1:2379`; never with a user or a password in it. */
  catalogUrl: string
  /** The Node.js that runs the sidecar there. `/usr/bin/node` unless given. */
  node?: string
  /** The self-contained file of the sidecar there. `/usr/lib/yard/sidecar.mjs` unless given. */
  program?: string
  /** Where the sidecar's own door is; two above the environment's router port unless given. */
  doorPort?: number
  /** Variables such as YARD_CATALOG_CA, one `NAME=value` a line; read when it is there. `/etc/yard/sidecar.env` unless given. */
  environmentFile?: string
  /** A file with the token of a `yard serve`; systemd hands it to the sidecar alone. */
  tokenFile?: string
  /** Megabytes; the sidecar is started again when it takes more. 250 unless given. */
  memoryMegabytes?: number
}

/** One file for `/etc/systemd/system`. */
export interface UnitFile {
  name: string
  text: string
}

/** Where everything of yard is on a host that systemd looks after. Absolute. */
export const hostPlaces = {
  state: '/var/lib/yard',
  /** haproxy.cfg and its maps. */
  routing: '/var/lib/yard/haproxy',
  runtime: '/run/yard',
  masterSocket: '/run/yard/haproxy-master.sock',
  units: '/etc/systemd/system',
  program: '/usr/lib/yard/sidecar.mjs',
  environmentFile: '/etc/yard/sidecar.env',
  user: 'yard',
} as const

export const haproxyUnitName = 'yard-haproxy.service'

/** What systemd calls the token that it hands over. */
export const tokenCredential = 'yard-token'

/**
 * The units of a host: HAProxy, a path unit that starts it once there is a configuration (so that the sidecar needs no
 * rights over other units), and the sidecar.
 * @throws YardError E_USAGE for a value that can't stand in a unit.
 */
export function sidecarUnits(request: SidecarUnitsRequest): UnitFile[] {
  return [...haproxyUnits(request), {name: 'yard-sidecar.service', text: sidecarUnit(request)}]
}

/** Those of HAProxy alone: all that a host needs for being pushed to. @throws YardError as `sidecarUnits` */
export function haproxyUnits(request: HaproxyUnitsRequest): UnitFile[] {
  return [
    {name: haproxyUnitName, text: haproxyUnit(request)},
    {name: 'yard-haproxy.path', text: pathUnit()},
  ]
}

function haproxyUnit({haproxy = '/usr/sbin/haproxy', user = hostPlaces.user}: HaproxyUnitsRequest): string {
  const program = unitPath(haproxy)
  const {masterSocket, routing} = hostPlaces
  return `[Unit]
Description=HAProxy of yard
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0
ConditionPathExists=${routing}/haproxy.cfg

[Service]
Type=notify
ExecStart=${program} -Ws -S ${masterSocket},mode,600 -C ${routing} -f haproxy.cfg
ExecReload=${program} -c -q -C ${routing} -f haproxy.cfg
ExecReload=/bin/kill -USR2 $MAINPID
KillMode=mixed
KillSignal=SIGUSR1
TimeoutStopSec=75
SuccessExitStatus=143
Restart=always
RestartSec=500ms
User=${userName(user)}
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
LimitNOFILE=200000
LogRateLimitIntervalSec=0
${confinement}
[Install]
WantedBy=multi-user.target
`
}

function pathUnit(): string {
  return `[Unit]
Description=Starts the HAProxy of yard once it has a configuration

[Path]
PathExists=${hostPlaces.routing}/haproxy.cfg
Unit=${haproxyUnitName}

[Install]
WantedBy=multi-user.target
`
}

function sidecarUnit(request: SidecarUnitsRequest): string {
  const {doorPort, memoryMegabytes = 250, node = '/usr/bin/node', tokenFile, user = hostPlaces.user} = request
  const {program = hostPlaces.program, environmentFile = hostPlaces.environmentFile} = request
  const words = [
    ...[node, program].map(unitPath),
    ...['--env', request.environment, '--host', request.host, '--catalog', request.catalogUrl],
    ...['--directory', hostPlaces.state, '--runtime-directory', hostPlaces.runtime, '--systemd'],
    ...(doorPort === undefined ? [] : ['--door-port', String(doorPort)]),
  ]
  return `[Unit]
Description=Keeps the HAProxy of yard right
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all
ExecStart=${words.map(unitWord).join(' ')}
WatchdogSec=30
TimeoutStartSec=infinity
TimeoutStopSec=15
Restart=always
RestartSec=1
User=${userName(user)}
EnvironmentFile=-${unitPath(environmentFile)}
${tokenFile === undefined ? '' : `LoadCredential=${tokenCredential}:${unitPath(tokenFile)}\n`}MemoryMax=${memoryMegabytes}M
LimitNOFILE=65536
${confinement}
[Install]
WantedBy=multi-user.target
`
}

/** Neither needs more than its sockets, its two directories and the network. */
const confinement = `RuntimeDirectory=yard
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
StateDirectory=yard
StateDirectoryMode=0700
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
LockPersonality=yes
UMask=0077
`

/**
 * One word of a command line in a unit: quoted, with the marks of systemd's own expansions doubled. A line break would
 * begin a directive of its own, so it is refused, as is everything that isn't visible ASCII.
 */
export function unitWord(value: string): string {
  if (!/^[\x20-\x7e]+$/.test(value)) throw unusable(value)
  const escaped = value.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[A-Za-z0-9_./:@,=+-]+$/.test(value) ? value : `"${escaped}"`
}

/** A path where systemd takes no quotes. */
function unitPath(value: string): string {
  if (!/^\/[A-Za-z0-9_./+-]+$/.test(value) || value.split('/').includes('..')) throw unusable(value)
  return value
}

function userName(value: string): string {
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(value)) throw unusable(value)
  return value
}

function unusable(value: string): YardError {
  return new YardError('E_USAGE', {
    what: `Can't write ${printable(value)} into a systemd unit`,
    why: 'systemd would read it as something else than it says',
    next: ['use plain letters, digits, dots, dashes and slashes'],
  })
}
