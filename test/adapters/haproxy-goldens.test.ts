import {spawnSync} from 'node:child_process'
import {cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'

import {haproxyFile, makeCertificate} from './haproxy-playground.js'

const golden = path.join(import.meta.dirname, '../golden/haproxy')
const reason = haproxyFile === undefined ? ' (skipped: haproxy is not installed)' : ''
const describeWithHaproxy = haproxyFile === undefined ? describe.skip : describe
let directory: string

describeWithHaproxy(`each golden text${reason}`, () => {
  beforeAll(() => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'yard-goldens-'))
  })

  afterAll(() => {
    rmSync(directory, {recursive: true, force: true})
  })

  test.each(readdirSync(golden))('of %s is accepted by the installed haproxy without a warning', (name) => {
    const place = path.join(directory, name)
    cpSync(path.join(golden, name), place, {recursive: true})
    const list = path.join(place, 'certificates.list')
    // What is listed lies on another machine.
    if (existsSync(list) && readFileSync(list, 'utf8') !== '')
      writeFileSync(list, `${makeCertificate(directory, 'example.org')}\n`)
    const checked = spawnSync(haproxyFile ?? '', ['-c', '-C', place, '-f', 'haproxy.cfg'], {encoding: 'utf8'})
    const complaints = checked.stderr.split('\n').filter((line) => /^\[(WARNING|ALERT)\]/.test(line))

    expect(checked.status).toBe(0)
    expect(complaints.filter((line) => !line.includes('no SSL certificate specified'))).toEqual([])
  })
})
