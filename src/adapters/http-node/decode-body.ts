import {promisify} from 'node:util'
import zlib from 'node:zlib'

import {ExchangeFault} from './failures.js'

const gunzip = promisify(zlib.gunzip)
const inflate = promisify(zlib.inflate)
const inflateRaw = promisify(zlib.inflateRaw)
const brotliDecompress = promisify(zlib.brotliDecompress)

/**
 * Undoes `content-encoding`, the last coding first. A few bytes can hold gigabytes: no more than the limit is unpacked.
 * @throws ExchangeFault `body-too-large` or `invalid`
 */
export async function decodeBody(
  body: Buffer,
  contentEncoding: string,
  maxBytes: number,
): Promise<Uint8Array> {
  const codings = contentEncoding
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity')
  if (body.length === 0) return body
  if (codings.length > 3) throw new ExchangeFault('invalid', 'more than 3 content codings')
  let decoded = body
  for (const coding of codings.reverse()) decoded = await decodeOnce(decoded, coding, maxBytes)
  return decoded
}

async function decodeOnce(body: Buffer, coding: string, maxBytes: number): Promise<Buffer> {
  const options = {maxOutputLength: maxBytes}
  try {
    switch (coding) {
      case 'gzip':
      case 'x-gzip':
        return await gunzip(body, options)
      case 'deflate':
        return await (hasZlibHeader(body) ? inflate(body, options) : inflateRaw(body, options))
      case 'br':
        return await brotliDecompress(body, options)
    }
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    if (isTooLarge) throw new ExchangeFault('body-too-large', `more than ${maxBytes} bytes once unpacked`)
    throw new ExchangeFault('invalid', `the body is not ${coding}`)
  }
  throw new ExchangeFault('invalid', `content coding ${coding.slice(0, 40)}`)
}

/** `deflate` means zlib, but some servers send the bare stream. */
function hasZlibHeader(body: Buffer): boolean {
  const [first = 0, second = 0] = body
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0
}
