/** How one machine is reached. What is given here wins over the user's `ssh_config`. */
export interface RemoteShellSettings {
  /** For people: the name of the host. */
  host: string
  /** An IP address or a name that the system can look up. */
  address: string
  port?: number | undefined
  user?: string | undefined
  /** A private key; `~/` is the home directory. */
  identityFile?: string | undefined
  /** `bastion.example.org`, `user@bastion:2222`, several with commas between them. */
  proxyJump?: string | undefined
  /** Host keys as in `ssh-ed25519 AAAA…`. When there are any, no other key will do. */
  pinnedKeys: readonly string[]
  /** Takes the first key of a machine that isn't known yet. A changed key is refused all the same. */
  acceptsNewKey: boolean
  /** What to run to have it taken, such as `yard push --accept-new-host-key`. */
  acceptingCommand?: string | undefined
  /** Socket of the agent that holds keys. */
  agentSocket?: string | undefined
  homeDirectory: string
  /** Who runs this program: the user on the other machine unless something else is said. */
  localUser: string
  /** Read instead of the user's and the system's `ssh_config`; `none` reads none. */
  configFile?: string | undefined
  /** From the first packet to being logged in; 15 s unless given. */
  connectMillis?: number | undefined
  /** How long a connection that is dropped before the login begins is tried again; 14 s unless given. */
  patienceMillis?: number | undefined
  /** Asks a silent machine for a sign of life; it is given up after three of them. 5 s unless given. */
  keepaliveMillis?: number | undefined
}
