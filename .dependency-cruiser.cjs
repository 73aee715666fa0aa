// The import table of ARCHITECTURE.md. Each layer lists what it may import besides itself and src/errors.ts.
const layers = {
  domain: [],
  contracts: ['domain'],
  catalog: ['domain', 'contracts'],
  templates: ['domain'],
  lifecycle: ['domain', 'contracts', 'catalog', 'templates'],
  terminal: ['domain', 'contracts', 'lifecycle'],
  app: ['domain', 'contracts', 'catalog', 'templates', 'lifecycle', 'terminal', 'adapters'],
  server: ['app', 'catalog', 'lifecycle', 'terminal', 'domain', 'contracts'],
  commands: ['app', 'server', 'lifecycle', 'terminal', 'domain', 'contracts'],
}

// Each package has one home folder; nothing else imports it.
const homes = {
  '@fastify/rate-limit': '^src/server/',
  '@fastify/swagger': '^src/server/',
  '@inquirer/input': '^src/terminal/',
  '@inquirer/password': '^src/terminal/',
  '@oclif/core': '^src/(app|commands)/',
  '@photostructure/sqlite': '^src/adapters/store-sqlite/',
  '@viz-js/viz': '^src/adapters/graph-graphviz/',
  'age-encryption': '^src/adapters/secrets-age/',
  chalk: '^src/terminal/',
  execa: '^src/adapters/shell-local/',
  'fastest-levenshtein': '^src/app/',
  fastify: '^src/server/',
  handlebars: '^src/templates/',
  'json-p3': '^src/adapters/jsonpath-p3/',
  'log-update': '^src/terminal/',
  nodemailer: '^src/adapters/notify-mail/',
  re2js: '^src/adapters/regex-re2/',
  'simple-git': '^src/adapters/repo-git/',
  ssh2: '^src/adapters/shell-ssh/',
  tar: '^src/adapters/artifacts-files/',
  valibot: '^src/(domain|catalog)/',
  yaml: '^src/adapters/documents-yaml/',
}

const layerRules = Object.entries(layers).map(([layer, allowed]) => ({
  name: `${layer}-imports`,
  comment: `src/${layer} may import ${['itself', 'src/errors.ts', ...allowed].join(', ')} only.`,
  severity: 'error',
  from: {path: `^src/${layer}/`},
  to: {path: '^src/', pathNot: `^src/(${[layer, ...allowed].join('|')})/|^src/errors\\.ts$`},
}))

const homeRules = Object.entries(homes).map(([name, home]) => ({
  name: `home-of-${name}`,
  comment: `${name} is imported in its home folder only (${home}).`,
  severity: 'error',
  from: {path: '^src/', pathNot: home},
  to: {path: `(^|/)node_modules/${name}/`},
}))

// What opens a socket, a process, a file or a database.
const outsideWorld =
  '^(node:)?(child_process|cluster|dgram|dns|fs|http|http2|https|net|os|readline|sqlite|tls|tty|worker_threads)(/|$)'

module.exports = {
  forbidden: [
    ...layerRules,
    ...homeRules,
    {
      name: 'adapters-stand-alone',
      comment:
        'src/adapters/x may import itself, domain, contracts and src/errors.ts; never another adapter.',
      severity: 'error',
      from: {path: '^src/adapters/([^/]+)/'},
      to: {path: '^src/', pathNot: '^src/(domain|contracts|adapters/$1)/|^src/errors\\.ts$'},
    },
    {
      name: 'no-outside-world',
      comment: 'Only adapters and app touch files, processes and sockets.',
      severity: 'error',
      from: {path: '^src/', pathNot: '^src/(adapters|app|server)/'},
      to: {path: outsideWorld},
    },
    {
      name: 'no-cycles',
      comment: 'A cycle means that two files are one.',
      severity: 'error',
      from: {path: '^src/'},
      to: {circular: true},
    },
    {
      name: 'no-development-packages',
      comment: 'What runs at a user may not need a package that only developers install.',
      severity: 'error',
      from: {path: '^(src|bin/run)'},
      to: {dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only']},
    },
    {
      name: 'only-known-packages',
      comment: 'A package must be in package.json.',
      severity: 'error',
      from: {path: '^src/'},
      to: {dependencyTypes: ['npm-no-pkg', 'npm-unknown']},
    },
  ],
  options: {
    doNotFollow: {path: 'node_modules'},
    exclude: {path: '^(dist|src/templates/precompiled)/'},
    tsConfig: {fileName: 'tsconfig.json'},
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
