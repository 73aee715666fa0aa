/** Tells at the end why tests were skipped: a name that says so is shown by no other reporter. */
export default class WhySkipped {
  onRunComplete(_contexts, {testResults}) {
    const reasons = new Map()
    for (const {testResults: tests} of testResults) {
      for (const {fullName, status} of tests) {
        if (status !== 'pending') continue
        const reason = / \(skipped: (.*?)\)(?= |$)/.exec(fullName)?.[1] ?? 'no reason given'
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
      }
    }
    for (const [reason, count] of reasons) process.stderr.write(`${count} skipped: ${reason}\n`)
  }
}
