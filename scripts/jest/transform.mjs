// What jest runs of a .ts file: its types are taken out, nothing is checked (`tsc` does that once).
import {createHash} from 'node:crypto'

import esbuild from 'esbuild'

const settings = {
  loader: 'ts',
  format: 'esm',
  target: 'node20',
  sourcemap: 'external',
  sourcesContent: false,
  tsconfigRaw: {compilerOptions: {verbatimModuleSyntax: true, target: 'ES2022'}},
}

export default {
  async processAsync(text, file) {
    const {code, map} = await esbuild.transform(text, {...settings, sourcefile: file})
    return {code, map}
  },

  getCacheKey(text, file) {
    const parts = [esbuild.version, JSON.stringify(settings), file, text]
    return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32)
  },
}
