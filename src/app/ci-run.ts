/**
 * Where the run of the build server is seen that this program is part of: GitHub Actions, GitLab, Jenkins. Undefined
 * outside of any, or for what is no web address.
 */
export function ciRunUrl(variables: Readonly<Record<string, string | undefined>>): string | undefined {
  const {BUILD_URL, CI_JOB_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_SERVER_URL} = variables
  const github =
    GITHUB_SERVER_URL && GITHUB_REPOSITORY && GITHUB_RUN_ID
      ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`
      : undefined
  return [github, CI_JOB_URL, BUILD_URL].find(isWebAddress)
}

/** Without a user or password: the address is kept where others read it. */
function isWebAddress(value: string | undefined): boolean {
  return value !== undefined && /^https?:\/\/[\w.:-]+(?:\/[\w./%~+-]*)?$/.test(value) && value.length <= 500
}
