import {YardError} from '../errors.js'

/** Asks for one line, shown on the terminal as it is typed. Resolves with what was typed. */
export async function askLine(question: string): Promise<string> {
  const {default: input} = await import('@inquirer/input')
  return answered(input({message: question}, {output: process.stderr, clearPromptOnDone: false}))
}

/** Asks for one line that nobody looking on may read. */
export async function askSecret(question: string): Promise<string> {
  const {default: password} = await import('@inquirer/password')
  return answered(
    password({message: question, mask: true}, {output: process.stderr, clearPromptOnDone: false}),
  )
}

/** Ctrl-C at a question leaves the command as it does everywhere. @throws YardError E_INTERRUPTED */
async function answered(answer: Promise<string>): Promise<string> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExitPromptError') throw error
    throw new YardError('E_INTERRUPTED', {
      what: 'Stopped at the question',
      why: 'Ctrl-C was received, and nothing was changed',
      next: ['run the command again'],
      cause: error,
    })
  }
}
