/** Whoever looks after this program and wants to hear how it is: systemd, or nobody. Never throws. */
export interface ServiceNotifier {
  /** How often it wants to hear that the work goes on; undefined when it doesn't. */
  readonly watchdogMillis: number | undefined
  /** The program does what it was started for. */
  ready(status: string): Promise<void>
  /** One line for people. */
  status(status: string): Promise<void>
  /** The work goes on. */
  alive(): Promise<void>
  stopping(): Promise<void>
}
