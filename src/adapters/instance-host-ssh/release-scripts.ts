import {manifestName} from '../../domain/release-manifest.js'
import {fencing} from './fence-script.js'

/** How a script ends that found what it was told to look for; all other ends are failures of the machine. */
export const scriptExits = {
  /** Files differ from what they should be: their paths are on stdout. */
  differs: 65,
  /** There is more or less than there should be: what, is on stdout. */
  unlike: 66,
  /** The machine was not set up. */
  notSetUp: 67,
  /** Content that was there is there no longer. */
  vanished: 68,
} as const

/**
 * Everything below the directory of releases belongs to one user, and is done as that user: root becomes it, others are
 * turned away. `$1` is the script, `$2` the directory; the rest is the script's own.
 */
export const asOwner = `script=$1
shift
if [ ! -d "$1" ]; then exit ${scriptExits.notSetUp}; fi
if [ -O "$1" ]; then eval "$script"; exit; fi
if [ -O / ]; then
  owner=$(stat -c '--reuid=%u --regid=%g' "$1")
  exec setpriv $owner --clear-groups sh -c "$script" yard "$@"
fi
echo "$1: Permission denied" >&2
exit 1`

/** The PATH is that of units. */
const prelude = `set -euC
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
unset TAR_OPTIONS GZIP POSIXLY_CORRECT
umask 022
`

/** `unlike LISTING`: compares the tree in the working directory with the lines of a file, `-` for stdin. */
const comparing = `unlike() {
  found=$({ find . -mindepth 1 -printf '%y%m\\t%P\\t%l\\n' | sort | comm -3 /dev/fd/4 - 4<&0 <&3; } 3<&0)
  if [ -n "$found" ]; then
    printf '%s\\n' "$found" | head -n 20
    exit ${scriptExits.unlike}
  fi
}
`

/** `tell FILE`: what is written down of a release, where it is; each line says what it is. */
const telling = `tell() {
  if [ -f "$1" ]; then sed 's/^/json /' "$1"; fi
}
`

/**
 * What is done with releases over there, one script for each step: a step is one round trip. They run in `sh` of any
 * Debian (dash, coreutils, util-linux, findutils, tar, gzip), get their values as arguments and never as text. A process
 * costs more than most of what it does, so there are few. Each begins with: directory of releases, service, file of
 * the fence, its number, release.
 */
export const releaseScripts = {
  /**
   * … how many releases stay (0: all), releases that stay anyway, file of what works as root, whether to tell what is
   * written down of the release, programs. Names of contents come on stdin, sorted; those that are missing go to stdout.
   */
  survey: `${prelude}${fencing}${telling}base=$1 service=$2 number=$4 release=$5 kept=$6 needed=" $7 $5 " program=$8 told=$9
fence "$3" "$4"
shift 9
for each in "$@" tar gzip sha256sum b2sum; do
  if ! command -v "$each" > /dev/null; then echo "lacks $each"; fi
done
cd "$base"
if [ ! -d "$service/objects" ] || [ ! -d "$service/releases" ]; then mkdir -p "$service/objects" "$service/releases"; fi
cd "$service/releases"
all= going= wanted=
for each in r[1-9]*; do
  case \${each#r} in '' | *[!0-9]*) continue ;; esac
  if [ -d "$each" ]; then all="$all \${each#r}"; fi
done
if [ "$kept" -gt 0 ]; then
  for each in $all; do
    case $needed in *" $each "*) continue ;; esac
    newer=0
    for other in $all; do
      if [ "$other" -gt "$each" ]; then newer=$((newer + 1)); fi
      if [ "$newer" -ge "$kept" ]; then going="$going $each"; break; fi
    done
  done
  stale=
  for each in .r*; do
    if [ -e "$each" ]; then stale=yes; fi
  done
  if [ -n "$going$stale" ]; then
    exec 8>> ../lock
    if flock -n 8; then
      for each in $going; do
        mv -T "r$each" ".r$each.going.$number.$$"
        echo "removed $each"
      done
      rm -rf .r*
      wanted=$(cat)
      cd ../objects
      find . -maxdepth 1 -type f -links 1 -printf '%f\\n' | sort \\
        | { printf '%s\\n' "$wanted" | comm -13 - /dev/fd/3; } 3<&0 \\
        | xargs -r -d '\\n' rm -f --
      cd ../releases
    fi
    exec 8>&-
  fi
fi
for each in r[1-9]*; do
  if [ -d "$each" ]; then echo "release \${each#r}"; fi
done
if [ -n "$told" ]; then tell "r$release/${manifestName}"; fi
cd ../objects
if [ -n "$wanted" ]; then
  printf '%s\\n' * | { printf '%s\\n' "$wanted" | comm -23 - /dev/fd/3; } 3<&0
else
  { printf '%s\\n' * | comm -23 - /dev/fd/4 4<&0 <&3; } 3<&0
fi
if [ -r "$program" ]; then echo "script $(sha256sum < "$program")"; fi
stat -f -c 'space %a %S %c %d' .
grep -h ' 0A ' /proc/net/tcp /proc/net/tcp6 2> /dev/null || true
date +'clock %s%3N'`,

  /**
   * … where it is made. A tar comes on stdin, compressed: what is missing of contents, the tree as links to contents,
   * and what it must be. Killed at any moment, it leaves a directory that the next survey removes. The disk has it all
   * by the time that instances are up; a machine that loses its power before has files that the next deploy finds damaged.
   */
  place: `${prelude}${fencing}${comparing}fence "$3" "$4"
cd "$1/$2"
release=releases/r$5 work=$PWD/releases/$6
exec 8>> lock
flock -s -w 60 8 || { echo 'old releases are being removed there, and it does not end' >&2; exit 1; }
trap 'rm -rf "$work"' EXIT
trap 'exit 143' HUP INT TERM
if [ -e "$work" ]; then rm -rf "$work"; fi
said=$(tar -xzf - --no-same-owner --no-same-permissions 2>&1) || {
  echo "$said" >&2
  case $said in *'Cannot hard link to'*'No such file'*) exit ${scriptExits.vanished} ;; esac
  exit 1
}
cd "$work/tree"
if [ -s ../fresh ]; then b2sum --quiet --strict -c ../fresh || exit ${scriptExits.differs}; fi
if [ -s ../sums ]; then sha256sum --quiet --strict -c ../sums || exit ${scriptExits.differs}; fi
unlike < ../listing
cd ../../..
if [ -d "$work/objects" ] && ! mv -T "$work/objects" objects 2> /dev/null; then
  find "$work/objects" -type f -exec mv -f -t objects '{}' +
fi
fence "$3" "$4"
if [ -e "$release" ]; then mv -T "$release" "releases/.r$5.before.$4.$$"; fi
mv -T "$work/tree" "$release"
sync -f . > /dev/null 2>&1 < /dev/null 8>&- &`,

  /** Changes nothing, and asks for no fence. */
  recall: `${prelude}${telling}tell "$1/$2/releases/r$5/${manifestName}"`,

  /** Names of contents come on stdin; the contents go to stdout one after the other, all of them compressed. */
  fetch: `${prelude}cd "$1/$2/objects"
xargs -r -d '\\n' cat -- | gzip -1`,

  /** … size of the hashes. They come on stdin as sha256sum reads them, then the listing. */
  verify: `${prelude}${fencing}${comparing}fence "$3" "$4"
cd "$1/$2/releases/r$5"
if [ "$6" -gt 0 ]; then head -c "$6" | sha256sum --quiet --strict -c - || exit ${scriptExits.differs}; fi
unlike`,

  /** Names of contents come on stdin: the next place sends them again. */
  forget: `${prelude}${fencing}fence "$3" "$4"
cd "$1/$2/objects"
xargs -r -d '\\n' rm -f --`,
} as const
