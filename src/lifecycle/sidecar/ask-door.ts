import {type SidecarDoor} from '../../contracts/sidecar-door.js'
import {check} from '../../domain/schema.js'
import {sidecarDoorSchema, type SidecarDoorStatus} from '../../domain/sidecar-door.js'
import {YardError} from '../../errors.js'

/** What the sidecar at a port of this machine says of itself; undefined when nobody there is a sidecar. */
export async function askDoor(
  door: Pick<SidecarDoor, 'ask'>,
  port: number,
): Promise<SidecarDoorStatus | undefined> {
  const answer = await door.ask(port)
  if (answer === undefined) return undefined
  try {
    const checked = check(sidecarDoorSchema, JSON.parse(answer))
    return checked.ok ? checked.value : undefined
  } catch {
    return undefined
  }
}

/** Why a door can't be opened at a port that somebody else has. */
export async function doorTaken(
  door: Pick<SidecarDoor, 'ask'>,
  {environment, host}: {environment: string; host: string},
  port: number,
): Promise<YardError> {
  const there = await askDoor(door, port)
  if (there === undefined) {
    return new YardError('E_PORT_TAKEN', {
      what: `Can't tell how the sidecar is on port ${port}`,
      why: `another program listens on 127.0.0.1:${port}`,
      next: [
        `yard sidecar run --env ${environment} --host ${host} --door-port ${port + 100}`,
        `ss -ltnp 'sport = :${port}'`,
      ],
    })
  }
  const {pid, startedAt} = there.agent
  const whose = `${there.agent.host} in ${there.environment}`
  const isSame = there.environment === environment && there.agent.host === host
  return new YardError('E_LOCKED', {
    what: `Can't run a second sidecar ${isSame ? `for ${whose}` : 'on this machine'}`,
    why: `process ${pid} ${isSame ? 'is it' : `is that of ${whose}`}, since ${startedAt}`,
    next: [
      `yard sidecar status --env ${there.environment} --here`,
      `ps -fp ${pid}`,
      ...(isSame ? [] : [`yard sidecar run --env ${environment} --host ${host} --door-port ${port + 100}`]),
    ],
  })
}
