/** What a new platform file is made of. */
export interface PlatformFileParts {
  catalogUrl?: string | undefined
  /** An age public key. */
  recipient?: string | undefined
  /** Whose key it is: `ada@laptop`. */
  actor: string
}

/**
 * A platform file to begin with. What isn't decided yet stands in it as a comment that becomes valid when its `# ` is
 * taken away.
 */
export function platformFileText({actor, catalogUrl, recipient}: PlatformFileParts): string {
  return [
    '# What a team shares: where its catalog is, which environments and hosts there are, who can open secrets.',
    '# Keep it in git. Every command below this directory finds it; --platform or YARD_PLATFORM name another.',
    '#   yard catalog diff     compares it with the catalog',
    '#   yard catalog apply    makes the catalog follow it',
    '',
    ...catalogLines(catalogUrl),
    '',
    '# Who can open secrets: age public keys. Each person has the private one in ~/.config/yard/identity.txt.',
    ...(recipient === undefined ? ['recipients: []'] : ['recipients:', `  - ${recipient} # ${plain(actor)}`]),
    '',
    '# How requests find their service: by this header, at the HAProxy of their own host, on this port.',
    'routing:',
    '  header: Yard-Service',
    '  port: 7070',
    '',
    ...examples,
  ].join('\n')
}

function catalogLines(catalogUrl: string | undefined): string[] {
  const lines = [
    '# The catalog. Without one it is a file of your own, which is enough on one machine.',
    '# Passwords and tokens never stand here: YARD_CATALOG_USER, YARD_CATALOG_PASSWORD, YARD_TOKEN.',
  ]
  if (catalogUrl !== undefined) return [...lines, 'catalog:', `  url: ${JSON.stringify(catalogUrl)}`]
  return [
    ...lines,
    '# catalog:',
    '#   url: etcds://10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379',
    '#   ca: etcd/ca.pem',
    '#   certificate: etcd/client.pem',
    '#   key: etcd/client-key.pem',
  ]
}

const examples = [
  '# Environments in the order of their deploys, with their hosts. Hosts may be added by hand instead:',
  '#   yard hosts add web-1 --env staging --address 10.0.0.11',
  '# environments:',
  '#   staging:',
  '#     hosts:',
  '#       web-1:',
  '#         address: 10.0.0.11',
  '#         zone: a',
  '#         description: the first machine of staging',
  '#   production:',
  '#     # Public names are served by hosts with edge: true; with certificates over HTTPS, too.',
  '#     edge:',
  '#       certificates: /etc/yard/certificates',
  '#     protected: true',
  '#     routing:',
  '#       port: 7070',
  '#     hosts:',
  '#       web-2:',
  '#         address: 10.0.1.12',
  '#         edge: true',
  '',
  '# Who is told of deploys. The webhook is a secret: a reference to it, or the name of a variable.',
  '# notifications:',
  '#   slack:',
  '#     webhook: SLACK_WEBHOOK',
  '#   mail:',
  '#     to:',
  '#       - team@example.org',
  '#     smtp:',
  '#       host: smtp.example.org',
  '#       user: yard',
  '#       password: SMTP_PASSWORD',
  '#   webhooks:',
  '#     - url: https://ci.example.org/hooks/yard',
  '',
  '# Command lines run around every deploy, in the directory of this file.',
  '# hooks:',
  '#   beforeDeploy:',
  '#     - ./freeze-window.sh',
  '',
  '# How hosts are reached.',
  '# ssh:',
  '#   user: deploy',
  '#   port: 22',
  '#   identityFile: ~/.ssh/id_ed25519',
  '#   proxyJump: bastion.example.org',
  '',
]

/** Fit for a comment. */
function plain(text: string): string {
  return text.replace(/[^\w@.+-]/g, '?').slice(0, 100)
}
