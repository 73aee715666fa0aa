/** A file of a template pack: a template compiled ahead of time, or text that is copied as it stands. */
export interface PackFile {
  /** Where it goes, relative, with `/`; may itself hold `{{name}}`. */
  path: string
  /** Where it stands in the pack, for error messages. */
  source: string
  executable: boolean
  template?: TemplateSpecification
  text?: string
}

/** What `Handlebars.precompile` writes and its runtime takes. */
export type TemplateSpecification = Readonly<Record<string, unknown>>
