import {createHash} from 'node:crypto'

export interface TreeFile {
  path: string
  executable: boolean
  text: string
}

type Node = {executable: boolean; text: string} | Map<string, Node>

/** The id that git gives to a tree of these files, worked out without git, so that a dry run can promise it. */
export function gitTreeId(files: readonly TreeFile[]): string {
  const root = new Map<string, Node>()
  for (const {path, executable, text} of files) {
    const segments = path.split('/')
    const name = segments.pop() ?? ''
    const directory = segments.reduce(below, root)
    directory.set(name, {executable, text})
  }
  return hashTree(root).toString('hex')
}

function below(directory: Map<string, Node>, name: string): Map<string, Node> {
  const present = directory.get(name)
  if (present instanceof Map) return present
  const made = new Map<string, Node>()
  directory.set(name, made)
  return made
}

function hashTree(directory: ReadonlyMap<string, Node>): Buffer {
  // git sorts by bytes, and a directory as if its name ended with a slash.
  const entries = [...directory].map(([name, node]) => ({
    node,
    name,
    order: Buffer.from(node instanceof Map ? `${name}/` : name),
  }))
  entries.sort((left, right) => Buffer.compare(left.order, right.order))
  const lines = entries.flatMap(({name, node}) => [Buffer.from(`${modeOf(node)} ${name}\0`), hashNode(node)])
  return hashObject('tree', Buffer.concat(lines))
}

function hashNode(node: Node): Buffer {
  return node instanceof Map ? hashTree(node) : hashObject('blob', Buffer.from(node.text))
}

function modeOf(node: Node): string {
  if (node instanceof Map) return '40000'
  return node.executable ? '100755' : '100644'
}

function hashObject(type: string, content: Buffer): Buffer {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest()
}
