import {deployAccount, type SetupStep} from './host-setup.js'

/** What is done there for a step, as somebody would type it as root. */
export function setupStepText(step: SetupStep): string {
  switch (step.kind) {
    case 'packages':
      return `apt-get install --no-install-recommends ${step.names.join(' ')}`
    case 'account':
      return accountText(step.isNew)
    case 'directory':
      return `install -d -o ${step.owner} -g ${step.owner} -m ${step.mode.padStart(4, '0')} ${step.path}`
    case 'file':
      return `write ${step.path}: root, ${step.mode.padStart(4, '0')}, ${new TextEncoder().encode(step.text).length} bytes${checkText(step.check)}`
    case 'reload-units':
      return 'systemctl daemon-reload'
    case 'unit-on':
      return `systemctl enable --now ${step.unit}`
    case 'unit-off':
      return `systemctl disable --now ${step.unit}`
  }
}

function accountText(isNew: boolean): string {
  const {home, name, shell} = deployAccount
  const words = `--shell ${shell} --password '*' ${name}`
  return isNew
    ? `useradd --system --home-dir ${home} --no-create-home ${words}`
    : `usermod --home ${home} ${words}`
}

function checkText(check: 'sudoers' | 'script' | undefined): string {
  if (check === undefined) return ''
  return check === 'sudoers' ? ', checked by visudo' : ', checked by sh -n'
}
