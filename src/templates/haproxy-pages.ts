const style = 'font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem'

/** In HAProxy's log format: `%[...]` is filled in for each request. */
export const closedPage = page('Closed for maintenance', '%[var(txn.yard_closed)]')
export const unknownPage = page('Nothing here', 'This address leads nowhere.')

/** Without single quotes and percent signs of its own, because it stands between quotes in a format. */
function page(title: string, text: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><body style="${style}"><h1>${title}</h1><p>${text}</p></body></html>`
}
