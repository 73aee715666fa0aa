import {execFileSync} from 'node:child_process'
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'

import {type Sandbox} from './sandbox.js'

const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@yard.invalid', '-c', 'commit.gpgsign=false']

/** A web service as people write them without knowing of yard. */
export const pythonApp = `import http.server, json, os

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps({"release": os.environ.get("YARD_RELEASE"), "path": self.path}).encode()
        self.send_response(200 if self.path in ("/",) else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
`

/** One without requests. */
export const pythonWorker = `import time

while True:
    print("working", flush=True)
    time.sleep(0.2)
`

/** Undefined where there is a Python; else why tests of such services are skipped. */
export function missingPython(): string | undefined {
  try {
    execFileSync('python3', ['-c', 'import http.server'], {stdio: 'ignore'})
    return undefined
  } catch {
    return 'python3 is not installed'
  }
}

/** A repository with these files that yard knows nothing of. */
export class AdoptedService {
  readonly root: string

  constructor(sandbox: Sandbox, name: string, files: Record<string, string>) {
    this.root = path.join(sandbox.home, name)
    mkdirSync(this.root, {recursive: true})
    execFileSync('git', ['init', '--quiet', '--initial-branch=main'], {cwd: this.root})
    for (const [file, text] of Object.entries(files)) this.write(file, text)
    this.commit('first')
  }

  read(file: string): string {
    return readFileSync(path.join(this.root, file), 'utf8')
  }

  write(file: string, text: string): void {
    writeFileSync(path.join(this.root, file), text)
  }

  commit(message: string): void {
    execFileSync('git', ['add', '--all'], {cwd: this.root})
    execFileSync('git', [...identity, 'commit', '--quiet', '--allow-empty', '--message', message], {
      cwd: this.root,
    })
  }
}
