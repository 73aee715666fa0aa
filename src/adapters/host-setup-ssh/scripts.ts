/**
 * Begins each script: the first failure ends it, words are those of English, and nothing is written through a file or a
 * link that is there already.
 */
const prelude = `set -euC
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 022
`

/** What the script `become` ends with for somebody who can't become root. */
export const notRoot = 77

const looking = `exists() {
  command -v "$1" > /dev/null 2>&1
}
version() {
  if exists "$1"; then echo "version $1 $("$@" 2>&1 < /dev/null | head -n 1)"; fi
}
look() {
  if [ -L "$1" ]; then kind=link
  elif [ -d "$1" ]; then kind=directory
  elif [ -f "$1" ]; then kind=file
  elif [ -e "$1" ]; then kind=other
  else echo "path absent - - 0 - $1"; return 0
  fi
  sum=-
  if [ $kind = file ]; then sum=$(sha256sum < "$1"); sum=\${sum%% *}; fi
  echo "path $kind $(stat -c '%U %G %a' "$1") $sum $1"
}
room() {
  place=$1
  while [ ! -d "$place" ]; do place=$(dirname "$place"); done
  echo "room $(df -B1 --output=avail,iavail "$place" | tail -n 1) $1"
}
account() {
  record=$(getent passwd yard) || return 0
  echo "account $record"
  echo "groups $(id -Gn yard)"
  case "$(getent shadow yard | cut -d : -f 2)" in
    '*') echo 'password none' ;;
    '!'* | '') echo 'password locked' ;;
    *) echo 'password set' ;;
  esac
}
unit() {
  if ! systemctl cat "$1" > /dev/null 2>&1; then return 0; fi
  enabled=$(systemctl is-enabled "$1" 2> /dev/null || true)
  active=$(systemctl is-active "$1" 2> /dev/null || true)
  echo "unit $1 \${enabled:--} \${active:--} $(systemctl show --property=NeedDaemonReload --value "$1")"
}
keys() {
  if [ -f "$2" ]; then head -c 262144 "$2" | while IFS= read -r line || [ -n "$line" ]; do printf '%s %s\\n' "$1" "$line"; done; fi
}
unused_haproxy() {
  file=/etc/haproxy/haproxy.cfg
  if [ ! -e "$file" ]; then echo 'haproxy-unused'; return 0; fi
  packaged=$(dpkg-query --show --showformat='\${Conffiles}\\n' haproxy 2> /dev/null | grep -F " $file " || true)
  sum=$(md5sum < "$file")
  case "$packaged" in *" \${sum%% *}") echo 'haproxy-unused' ;; esac
}
`

/**
 * A HAProxy that a push started goes on until the unit's listens beside it, which Linux permits to sockets of one user
 * only: so root's are given to the user of the unit first.
 */
const takingOver = `pushed() {
  for file in $(grep -laF -e '/run/yard/haproxy-master.sock,' /proc/[0-9]*/cmdline 2> /dev/null || true); do
    place=\${file%/cmdline}
    if read -r name 2> /dev/null < "$place/comm" && [ "$name" = haproxy ]; then echo "\${place#/proc/}"; fi
  done
}
take_over() {
  if [ ! -f /var/lib/yard/haproxy/haproxy.cfg ] || systemctl is-active --quiet yard-haproxy.service; then return 0; fi
  before=$(pushed)
  for pid in $before; do
    # Anybody can call a program haproxy, and put another file where its socket was a moment ago.
    if ! grep -q '^Uid:\t0\t0\t0\t0$' "/proc/$pid/status" 2> /dev/null; then continue; fi
    find "/proc/$pid/fd" -lname 'socket:*' -exec chown yard '{}' + 2> /dev/null || true
  done
  systemctl start yard-haproxy.service
  for pid in $before; do kill -USR1 "$pid" 2> /dev/null || true; done
}
`

const acting = `enough() {
  size=$(wc -c < "$1")
  if [ "$size" -ne "$2" ]; then echo "$3 did not arrive whole" >&2; exit 1; fi
}
packages() {
  DEBIAN_FRONTEND=noninteractive
  export DEBIAN_FRONTEND
  install="apt-get install --yes --quiet --no-install-recommends -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confold"
  {
    # What was killed in the middle of it is mended first.
    dpkg --configure -a
    $install $1 || { apt-get update --quiet && $install $1; }
  } < /dev/null > "$log" 2>&1 || { grep -E '^(E|dpkg):' "$log" | tail -n 1 >&2; exit 1; }
}
account() {
  if [ "$1" = new ]; then
    group=--user-group
    if getent group yard > /dev/null; then group='--no-user-group --gid yard'; fi
    useradd --system --home-dir "$2" --no-create-home --shell "$3" --password '*' $group yard
    return 0
  fi
  usermod --password '*' yard
  # usermod changes no home of somebody who has processes. vipw takes a file of the same second for unchanged.
  edit="s#^\\(yard:[^:]*:[^:]*:[^:]*:[^:]*\\):[^:]*:[^:]*\\$#\\1:$2:$3#"
  export edit
  VISUAL='change() { sed -i -e "$edit" "$1" && touch -d "+2 seconds" "$1"; }; change' vipw < /dev/null > /dev/null
}
directory() {
  if [ -L "$1" ] || { [ -e "$1" ] && [ ! -d "$1" ]; }; then echo "$1 is no directory" >&2; exit 1; fi
  mkdir -p "$(dirname "$1")"
  if [ ! -d "$1" ]; then mkdir -m 700 "$1"; fi
  before=$(stat -c %U "$1")
  if [ "$before" != "$2" ]; then
    # What root kept there so far goes along; what anybody else put there stays theirs.
    if [ "$before" = root ]; then chown -hR "$2:" "$1"; else chown -h "$2:" "$1"; fi
  fi
  chmod "$3" "$1"
}
file() {
  place=$(dirname "$1")
  mkdir -p "$place"
  rm -f "$place"/.yard-????????
  temporary=$(mktemp "$place/.yard-XXXXXXXX")
  head -c "$3" >| "$temporary"
  enough "$temporary" "$3" "$1"
  case $4 in
    sudoers) visudo -c -q -f "$temporary" < /dev/null > /dev/null || { echo "visudo does not take $1" >&2; exit 1; } ;;
    script) sh -n "$temporary" < /dev/null ;;
  esac
  chown root:root "$temporary"
  chmod "$2" "$temporary"
  sync "$temporary"
  mv -fT "$temporary" "$1"
}
`

/**
 * What is done over there, one script for each round trip. They run in `sh` of any Debian, get values as arguments and
 * files on stdin, and say what went wrong in English. By name; `$1` and on are listed in front of each.
 */
export const scripts = {
  /** script, then its arguments: who logged in and their home come before those. */
  become: `${prelude}script=$1
shift
login=$(id -un)
if [ "$(id -u)" = 0 ]; then exec sh -c "$script" yard-host-setup "$login" "\${HOME:-/}" "$@"; fi
if ! command -v sudo > /dev/null 2>&1; then echo 'no sudo' >&2; exit ${notRoot}; fi
if ! said=$(sudo -n true 2>&1 < /dev/null); then printf '%s\\n' "$said" >&2; exit ${notRoot}; fi
exec sudo -n sh -c "$script" yard-host-setup "$login" "\${HOME:-/}" "$@"`,

  /**
   * login, home, the account's keys file, then words, each list after its name: programs, units, rooms, paths. Prints
   * lines that begin with what they tell.
   */
  facts: `${prelude}${looking}echo "clock $(date +%s%3N)"
echo "login $1"
home=$2
keys login-key "$home/.ssh/authorized_keys"
keys account-key "$3"
cat /etc/ssh/ssh_host_*_key.pub 2> /dev/null | while read -r type key rest; do echo "host-key $type $key"; done
shift 3
grep -E '^(ID|PRETTY_NAME)=' /etc/os-release 2> /dev/null | while read -r line; do echo "os $line"; done
echo "architecture $(uname -m)"
if [ -d /run/systemd/system ]; then version systemctl --version; fi
version haproxy -v
version node --version
version python3 --version
account
unused_haproxy
timeout 5 timedatectl show --property=NTPSynchronized 2> /dev/null || true
if [ -d /var/log/journal ]; then echo 'journal kept'; fi
if exists sudo && sudo -n -l -U yard /usr/lib/yard/yard-host > /dev/null 2>&1 < /dev/null; then echo 'sudo allowed'; fi
list=
for word in "$@"; do
  case $list:$word in
    *:programs: | *:units: | *:rooms: | *:paths:) list=\${word%:} ;;
    programs:*) if exists "$word"; then echo "program $word $(command -v "$word")"; fi ;;
    units:*) unit "$word" ;;
    rooms:*) room "$word" ;;
    paths:*) look "$word" ;;
  esac
done
echo 'complete'`,

  /**
   * login, home, then steps, each a word and its arguments; what is to be in files comes on stdin, in their order.
   * Prints the number of each step before it's taken.
   */
  apply: `${prelude}${takingOver}${acting}shift 2
exec 9>> /run/yard-host-setup.lock
if ! flock -w 60 9; then echo 'another setup is under way there' >&2; exit 1; fi
log=$(mktemp /run/yard-host-setup.XXXXXXXX)
rm -f "$log"
number=0
while [ $# -gt 0 ]; do
  echo "step $number"
  number=$((number + 1))
  step=$1
  shift
  case $step in
    packages) packages "$1"; rm -f "$log"; shift ;;
    account) account "$1" "$2" "$3"; shift 3 ;;
    directory) directory "$1" "$2" "$3"; shift 3 ;;
    file) file "$1" "$2" "$3" "$4"; shift 4 ;;
    reload-units) systemctl daemon-reload < /dev/null ;;
    unit-on)
      systemctl enable --quiet "$1" < /dev/null
      take_over < /dev/null
      systemctl start "$1" < /dev/null
      shift
      ;;
    unit-off) systemctl disable --quiet --now "$1" < /dev/null; shift ;;
    *) echo "no step is called $step" >&2; exit 1 ;;
  esac
done`,

  /** program. As who logs in. */
  mayRun: `${prelude}if [ "$(id -u)" = 0 ]; then exit 0; fi
sudo -n -l "$1" > /dev/null < /dev/null`,
} as const
