import {buildApp} from './app.js'
import {envExample, readConfig} from './config.js'
import {drainOnSignal, exitOnUncaught} from './shutdown.js'

const result = readConfig(process.env)
if (process.argv[2] === '--env-example') {
  process.stdout.write(envExample())
} else if (result.ok) {
  const app = buildApp(result.config)
  exitOnUncaught(app)
  drainOnSignal(app, result.config.drainMillis)
  await app.listen({host: result.config.host, port: result.config.port})
} else {
  process.stderr.write(`The configuration is wrong:\n${result.errors.map((error) => `  ${error}\n`).join('')}`)
  process.exitCode = 78
}
