/** Ends a script of somebody whose number is too low; the number that was seen is on stdout. */
export const fencedExit = 80

/** A catalog that was restored or moved numbers its locks from a lower one on: hosts have to forget the numbers they saw. */
export const forgettingFences =
  'rm -rf /var/lib/yard-host/fences /var/lib/yard/fences   # as root there, only if the catalog was restored or moved'

/**
 * `fence FILE NUMBER` refuses who comes with a lower number than the file holds, and keeps a higher one. The file is
 * twenty digits and a line break, overwritten in place: that takes no room on a full disk, and a number that was read
 * twice alike was not read while it changed. What isn't a number counts as none.
 */
export const fencing = `seen() {
  seen= again=-
  while [ "$seen" != "$again" ]; do
    again=$seen
    seen=
    if [ -f "$1" ]; then read -r seen < "$1" || true; fi
  done
  case $seen in '' | *[!0-9]*) seen=0 ;; esac
  seen=\${seen#"\${seen%%[!0]*}"}
  seen=\${seen:-0}
  if [ "\${#seen}" -gt 18 ]; then seen=0; fi
}
fence() {
  seen "$1"
  if [ "$seen" -lt "$2" ]; then
    if [ ! -d "\${1%/*}" ]; then mkdir -p "\${1%/*}"; fi
    exec 9>> "$1"
    flock -w 10 9 || { echo "somebody else holds $1" >&2; exit 1; }
    seen "$1"
    if [ "$seen" -lt "$2" ]; then
      printf '%020d\\n' "$2" 1<> "$1"
      seen=$2
    fi
    exec 9>&-
  fi
  if [ "$seen" -gt "$2" ]; then
    echo "fenced $seen"
    exit ${fencedExit}
  fi
}
`
