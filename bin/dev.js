#!/usr/bin/env node
// Builds from source, then runs the command line: `npm run dev -- services list`.
import {build} from '../scripts/build.mjs'

await build()
await import('./run.js')
