import {closeSync, fstatSync, openSync, readdirSync, readSync, statSync} from 'node:fs'
import path from 'node:path'

import {currentPartName, rotatedPartName, rotatedPartNumber} from '../../domain/logs/parts.js'

/** An open part of a log. It can be read to its end although it is rotated or removed meanwhile. */
export class Part {
  readonly inode: number

  private constructor(
    private readonly descriptor: number,
    readonly number: number | undefined,
  ) {
    this.inode = fstatSync(descriptor).ino
  }

  /** `number` undefined: the current part. Undefined when there is no such file. */
  static open(directory: string, number: number | undefined): Part | undefined {
    try {
      return new Part(openSync(partFile(directory, number), 'r'), number)
    } catch {
      return undefined
    }
  }

  get size(): number {
    return fstatSync(this.descriptor).size
  }

  /** At most so many bytes from there; empty at the end. */
  read(offset: number, most: number): Buffer {
    const buffer = Buffer.allocUnsafe(most)
    return buffer.subarray(0, readSync(this.descriptor, buffer, 0, most, offset))
  }

  close(): void {
    closeSync(this.descriptor)
  }
}

/** Numbers of the rotated parts, ascending. */
export function rotatedParts(directory: string): number[] {
  try {
    return readdirSync(directory)
      .flatMap((name) => rotatedPartNumber(name) ?? [])
      .sort((one, other) => one - other)
  } catch {
    return []
  }
}

/** Undefined when it is gone. */
export function partStatus(
  directory: string,
  number: number | undefined,
): {inode: number; changedAt: number} | undefined {
  try {
    const {ino, mtimeMs} = statSync(partFile(directory, number))
    return {inode: ino, changedAt: mtimeMs}
  } catch {
    return undefined
  }
}

function partFile(directory: string, number: number | undefined): string {
  return path.join(directory, number === undefined ? currentPartName : rotatedPartName(number))
}
