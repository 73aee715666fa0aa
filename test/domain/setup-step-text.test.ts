import {expect, test} from '@jest/globals'

import {sudoersFile, type SetupStep} from '../../src/domain/host-setup.js'
import {setupStepText} from '../../src/domain/setup-step-text.js'

test('each step is told as somebody would type it', () => {
  const steps: SetupStep[] = [
    {kind: 'packages', names: ['haproxy', 'sudo']},
    {kind: 'account', isNew: true},
    {kind: 'account', isNew: false},
    {kind: 'directory', path: '/srv/yard', owner: 'yard', mode: '755'},
    {kind: 'file', path: sudoersFile, mode: '440', text: 'é', check: 'sudoers'},
    {kind: 'file', path: '/usr/lib/yard/yard-host', mode: '755', text: '', check: 'script'},
    {kind: 'file', path: '/etc/tmpfiles.d/yard.conf', mode: '644', text: ''},
    {kind: 'reload-units'},
    {kind: 'unit-on', unit: 'a.path'},
    {kind: 'unit-off', unit: 'b.service'},
  ]

  expect(steps.map(setupStepText)).toEqual([
    'apt-get install --no-install-recommends haproxy sudo',
    "useradd --system --home-dir /var/lib/yard-deploy --no-create-home --shell /bin/sh --password '*' yard",
    "usermod --home /var/lib/yard-deploy --shell /bin/sh --password '*' yard",
    'install -d -o yard -g yard -m 0755 /srv/yard',
    'write /etc/sudoers.d/yard: root, 0440, 2 bytes, checked by visudo',
    'write /usr/lib/yard/yard-host: root, 0755, 0 bytes, checked by sh -n',
    'write /etc/tmpfiles.d/yard.conf: root, 0644, 0 bytes',
    'systemctl daemon-reload',
    'systemctl enable --now a.path',
    'systemctl disable --now b.service',
  ])
})
