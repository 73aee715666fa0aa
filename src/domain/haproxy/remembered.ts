/**
 * What was worked out for each thing by its name in the last two turns, so that a change of one of many costs little.
 * What neither of them needed is forgotten.
 */
export class Remembered<T> {
  private present = new Map<string, T>()
  private past = new Map<string, T>()

  /** What was worked out under this name if it still holds, or what `make` says. */
  get(name: string, holds: (value: T) => boolean, make: () => T): T {
    const known = this.present.get(name)
    if (known !== undefined && holds(known)) return known
    const older = this.past.get(name)
    const value = older !== undefined && holds(older) ? older : make()
    this.present.set(name, value)
    return value
  }

  endTurn(): void {
    this.past = this.present
    this.present = new Map()
  }
}
