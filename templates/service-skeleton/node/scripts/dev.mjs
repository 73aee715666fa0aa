// `npm run dev`: compiles on each change and restarts the service, with the variables of .env when there is one.
import {spawn, spawnSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url))
if (existsSync('.env')) process.loadEnvFile('.env')
spawnSync(process.execPath, [tsc], {stdio: 'inherit'})

const compiler = spawn(process.execPath, [tsc, '--watch', '--preserveWatchOutput'], {stdio: 'inherit'})
const service = spawn(process.execPath, ['--watch', 'dist/src/main.js'], {stdio: 'inherit'})
const stop = () => [compiler, service].forEach((child) => child.kill())
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
for (const child of [compiler, service]) child.on('exit', stop)
