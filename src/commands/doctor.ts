import {doctorNeeds} from '../app/doctor-needs.js'
import {YardCommand} from '../app/yard-command.js'
import {doctor, type DoctorReport} from '../lifecycle/doctor.js'
import {exitCodes} from '../errors.js'
import {doctorView} from '../terminal/doctor-view.js'

export default class Doctor extends YardCommand {
  static override summary = 'check that this machine has what yard needs'

  static override description =
    'Looks at Node, git, HAProxy, ports, permissions, disk and the catalog, and prints for each problem the line that fixes it. Exits 1 when something needs your help.'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ]

  async run(): Promise<DoctorReport> {
    await this.parse(Doctor)
    const {needs, request} = await doctorNeeds(await this.yard())
    const report = await doctor(needs, request)
    this.print(doctorView(report))
    if (!report.isHealthy) this.endWith(exitCodes.stepFailed)
    return report
  }
}
