/**
 * Begins each script: the first failure ends it, and words are those of English. Nothing is written through a file or a
 * link that is there already: root works in a directory that belongs to another user.
 */
export const prelude = `set -euC
LC_ALL=C
PATH="$PATH:/usr/sbin:/usr/local/sbin:/sbin"
export LC_ALL PATH
umask 077
`

/** For root: what it makes belongs to whom the directory belongs to, because HAProxy runs as that user. */
/** `processes` prints a line for each process of the HAProxy with this master socket: pid, parent, hard file limit. */
export const finding = `processes() {
  for file in $(grep -laF -e "$master," /proc/[0-9]*/cmdline 2> /dev/null || true); do
    place=\${file%/cmdline}
    if ! read -r name 2> /dev/null < "$place/comm"; then continue; fi
    if [ "$name" != haproxy ] || ! read -r stat 2> /dev/null < "$place/stat"; then continue; fi
    rest=\${stat##*) }
    state=\${rest%% *}
    rest=\${rest#* }
    if [ "$state" = Z ]; then continue; fi
    limit=$(grep '^Max open files' "$place/limits" 2> /dev/null || true)
    echo "\${place#/proc/} \${rest%% *}" $limit
  done
}
`
