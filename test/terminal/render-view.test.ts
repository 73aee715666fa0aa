import {expect, test} from '@jest/globals'

import {type RenderReport} from '../../src/lifecycle/render/haproxy.js'
import {differenceView, renderView, textsView, writtenView} from '../../src/terminal/render-view.js'

const report: RenderReport = {
  environment: 'staging',
  host: 'web-1',
  haproxyVersion: '2.6.12',
  revision: 1,
  generation: 'a'.repeat(64),
  files: [
    {name: 'haproxy.cfg', text: 'global\n  daemon\n'},
    {name: 'services.map', text: 'hello be_hello\n'},
  ],
  skipped: [],
}

test('the configuration is shown as it is, without the maps', () => {
  expect(renderView(report)).toBe('global\n  daemon')
})

test('what differs is shown by file, with its signs', () => {
  expect(differenceView({...report, differences: []})).toContain('no difference')
  const lines = [
    {kind: 'same', text: 'global'},
    {kind: 'removed', text: '  old\u001b[2J'},
    {kind: 'added', text: '  new'},
  ] as const
  const view = differenceView({...report, differences: [{name: 'haproxy.cfg', lines: [...lines]}]})
  expect(view.split('\n')).toEqual([
    '--- haproxy.cfg on the host',
    '+++ haproxy.cfg from the catalog',
    '@@',
    ' global',
    expect.stringMatching(/^- {2}old/),
    '+  new',
  ])
  expect(view).not.toContain('\u001b')
})

test('several files stand under their names', () => {
  expect(textsView(report.files)).toBe('# haproxy.cfg\nglobal\n  daemon\n\n# services.map\nhello be_hello')
  expect(writtenView(['/tmp/a', '/tmp/b\u001b'])).not.toContain('\u001b')
})
