/** What builds and instances may see of the user's environment: enough to find programs and the network, no secrets. */
const passedOn =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_[A-Z]+|TZ|TMPDIR|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY|npm_config_(?:registry|cache|userconfig)|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE)$/

export function cleanVariables(variables: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(variables).filter(([name]) => passedOn.test(name))
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? '']))
}
