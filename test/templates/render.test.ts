import {runInThisContext} from 'node:vm'

import {expect, test} from '@jest/globals'
import Handlebars from 'handlebars'

import {renderTemplate, TemplateError} from '../../src/templates/render.js'

function compiled(text: string) {
  const options = {strict: true, noEscape: true, preventIndent: true}
  const code = Handlebars.precompile(text, options) as string
  return {source: 'greeting.txt.hbs', template: runInThisContext(`(${code})`) as Record<string, unknown>}
}

test('puts values in as they are, and none of them is read as a template', () => {
  expect(renderTemplate(compiled('a {{x}} b'), {x: `<&"'\`=> {{x}}`})).toBe(`a <&"'\`=> {{x}} b`)
})

test('names the template and the line of a missing value', () => {
  const render = () => renderTemplate(compiled('one\ntwo {{missing}}\n'), {})

  expect(render).toThrow(TemplateError)
  expect(render).toThrow(/^greeting\.txt\.hbs:2: "missing" not defined/)
})

test('sees own properties only', () => {
  expect(renderTemplate(compiled('a{{constructor}}b'), {})).toBe('ab')
})

test('uses the helpers it is given', () => {
  const helpers = {loud: (text: string) => text.toUpperCase()}

  expect(renderTemplate(compiled('{{loud name}}'), {name: 'hello'}, helpers)).toBe('HELLO')
})

test('refuses a file that is no template', () => {
  expect(() => renderTemplate({source: 'logo.txt'}, {})).toThrow('logo.txt: is not a template')
})
