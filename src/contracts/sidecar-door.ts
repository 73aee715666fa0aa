/** Where a sidecar tells what it is about, to its own machine only: `/status` and `/metrics`. Nothing can be changed there. */
export interface SidecarDoor {
  /** Undefined when another program has the port. The first one to open a port has it until it ends. */
  open(port: number, pages: DoorPages): Promise<OpenDoor | undefined>
  /** What the door at a port shows under `/status`, as it came; undefined when nothing answers there in time. */
  ask(port: number): Promise<string | undefined>
}

/** Made anew for each request. */
export interface DoorPages {
  status(): unknown
  /** In the text format of Prometheus. */
  metrics(): string
}

export interface OpenDoor {
  close(): Promise<void>
}
