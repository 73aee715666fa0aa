import {finding, prelude} from './script-parts.js'
import {sidecarScripts} from './sidecar-scripts.js'

const ownership = `own() {
  if [ "$(id -u)" = 0 ]; then chown -h --reference="$dir" "$@"; fi
}
make() {
  if [ -d "$1" ]; then return 0; fi
  mkdir -p "$1"
  if [ "$(id -u)" = 0 ] && id yard > /dev/null 2>&1; then chown yard: "$1"; fi
}
`

/** Its own files have one of four endings; anything else in the directory is left alone. */
const moving = `into_place() {
  names=" $(cd "$1"; echo *.cfg *.map *.list *.state) "
  for file in "$1"/*.map "$1"/*.list "$1"/*.state; do
    if [ -f "$file" ] && [ ! -e "\${file##*/}" ]; then mv -T "$file" "\${file##*/}"; fi
  done
  mv -fT "$1/haproxy.cfg" haproxy.cfg
  for file in "$1"/*.map "$1"/*.list "$1"/*.state; do
    if [ -f "$file" ]; then mv -fT "$file" "\${file##*/}"; fi
  done
  for file in *.cfg *.map *.list *.state; do
    case "$names" in *" $file "*) ;; *) rm -f "$file" ;; esac
  done
  sync .
}
`

const units = `has_unit() {
  [ -n "$unit" ] && [ -d /run/systemd/system ] && systemctl cat "$unit" > /dev/null 2>&1
}
# Only root may tell systemd what to do; it starts the unit by itself once there are files, and again when it ended.
is_own_unit() {
  [ "$(id -u)" != 0 ] && has_unit
}
`

const killAll = `processes | while read -r pid rest; do kill -KILL "$pid" 2> /dev/null || true; done
`

/** Milliseconds since systemd started the unit, and since the configuration was put in place. */
const ages = `started_ago() {
  started=$(systemctl show --property=ExecMainStartTimestampMonotonic --value "$unit")
  read -r uptime rest < /proc/uptime
  echo $((\${uptime%.*}\${uptime#*.}0 - started / 1000))
}
placed_ago() {
  placed=$(stat -c %.3Z "$dir/haproxy.cfg")
  echo $(($(date +%s%3N) - \${placed%.*}\${placed#*.}))
}
reload() {
  all=" $(processes | cut -d ' ' -f 1 | tr '\\n' ' ')"
  processes | while read -r pid parent rest; do
    case "$all" in *" $parent "*) ;; *) kill -USR2 "$pid" ;; esac
  done
}
`

/** One that came back by itself before the files were in place has those of before. */
const start = `if [ -f "$dir/haproxy.cfg" ] && is_own_unit; then
  tries=0
  until [ -n "$(processes)" ] && systemctl is-active --quiet "$unit"; do
    if [ $tries -ge 100 ]; then
      echo "systemd does not start $unit, and only root can have it do so" >&2
      exit 70
    fi
    sleep 0.1
    tries=$((tries + 1))
  done
  if [ "$(started_ago)" -gt "$(placed_ago)" ]; then reload; fi
  exit 0
fi
if [ -n "$(processes)" ]; then exit 0; fi
if [ ! -f "$dir/haproxy.cfg" ]; then
  echo "there is no configuration in $dir" >&2
  exit 70
fi
make "$(dirname "$master")"
if has_unit; then
  systemctl --no-ask-password start "$unit"
  systemctl --no-ask-password start "\${unit%.service}.path" 2> /dev/null || true
else
  rm -f "$dir/haproxy.out"
  "$haproxy" -W -D -S "$master,mode,600" -C "$dir" -f haproxy.cfg > "$dir/haproxy.out" 2>&1 < /dev/null || {
    cat "$dir/haproxy.out" >&2
    exit 70
  }
fi
`

/**
 * What is done over there, one script for each step: a step is one round trip, whatever it takes. They run in `sh` of
 * any Debian (dash, coreutils, grep), get their values as arguments and never as text, and say what went wrong in
 * English, because the words of failing programs are read. By name; `$1` and on are listed in front of each.
 */
export const scripts = {
  /** haproxy */
  version: `${prelude}haproxy=$1
command -v "$haproxy" > /dev/null || exit 69
exec "$haproxy" -v`,

  /** dir. Each file: a line with its name and size, then its bytes. */
  installed: `${prelude}dir=$1
if [ ! -e "$dir" ]; then exit 0; fi
cd "$dir"
if [ ! -f haproxy.cfg ]; then exit 0; fi
for file in *.cfg *.map *.list *.state; do
  if [ -f "$file" ]; then
    echo "$file $(wc -c < "$file")"
    cat "$file"
  fi
done`,

  /** dir, then a name and a size for each file; the bytes of all of them come on stdin. */
  writeCandidate: `${prelude}${ownership}dir=$1
shift
make "$(dirname "$dir")"
make "$dir"
rm -rf "$dir/candidate"
mkdir "$dir/candidate"
cd "$dir/candidate"
while [ $# -gt 1 ]; do
  head -c "$2" > "$1"
  if [ "$(wc -c < "$1")" -ne "$2" ]; then echo "$1 did not arrive whole" >&2; exit 1; fi
  own "$1"
  sync "$1"
  shift 2
done
own "$dir/candidate"`,

  /** haproxy, dir */
  checkCandidate: `${prelude}exec "$1" -c -C "$2/candidate" -f haproxy.cfg`,

  /** dir */
  install: `${prelude}${ownership}${moving}dir=$1
cd "$dir"
if [ -f haproxy.cfg ]; then
  rm -rf previous.next
  mkdir previous.next
  own previous.next
  for file in *.cfg *.map *.list *.state; do
    if [ -f "$file" ]; then ln "$file" "previous.next/$file"; fi
  done
  rm -rf previous
  mv -T previous.next previous
fi
into_place candidate`,

  /** dir, name, size; the bytes come on stdin. */
  replaceFile: `${prelude}${ownership}dir=$1
cd "$dir"
rm -f "$2.new"
head -c "$3" > "$2.new"
if [ "$(wc -c < "$2.new")" -ne "$3" ]; then echo "$2 did not arrive whole" >&2; exit 1; fi
own "$2.new"
sync "$2.new"
mv -fT "$2.new" "$2"`,

  /** dir */
  restorePrevious: `${prelude}${moving}dir=$1
if [ ! -f "$dir/previous/haproxy.cfg" ]; then exit 0; fi
cd "$dir"
into_place previous
rm -rf previous
echo restored`,

  /** unit. What listens (local address and port in hexadecimal), which addresses there are, and what may be bound. */
  listeners: `${prelude}${units}unit=$1
own=
if is_own_unit; then own=$(id -u); fi
grep -h ' 0A ' /proc/net/tcp /proc/net/tcp6 2> /dev/null | while read -r number place remote state queues timer lost user rest; do
  # What systemd started again meanwhile takes the new files, with its ports.
  if [ "$user" != "$own" ]; then echo "listens $place"; fi
done
grep -B 1 '/32 host LOCAL' /proc/net/fib_trie | grep -o '[0-9.]*$' | sort -u | while read -r each; do echo "has $each"; done
if [ "$(id -u)" = 0 ] || has_unit; then echo 'from 1'; else echo "from $(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)"; fi`,

  /** master, unit */
  process: `${prelude}${finding}${units}master=$1 unit=$2
processes
ulimit=$(ulimit -H -n)
echo "ulimit $ulimit"
if has_unit; then
  echo 'unit'
  # In a container systemd may be able to give less than the unit asks for.
  echo "most" $(grep '^Max open files' /proc/1/limits 2> /dev/null || true)
  systemctl show --property=ActiveState,MainPID,NRestarts,Result,LimitNOFILE "$unit"
fi`,

  /** haproxy, dir, master, unit */
  start: `${prelude}${ownership}${finding}${units}${ages}haproxy=$1 dir=$2 master=$3 unit=$4
${start}`,

  /** master, unit. Its path unit would start it again; for others than root that can't be helped. */
  stop: `${prelude}${finding}${units}master=$1 unit=$2
if is_own_unit; then
  ${killAll}  exit 0
fi
if has_unit; then
  systemctl --no-ask-password stop "\${unit%.service}.path" 2> /dev/null || true
  systemctl --no-ask-password stop "$unit"
fi
processes | while read -r pid rest; do kill -TERM "$pid" 2> /dev/null || true; done
tries=0
while [ -n "$(processes)" ] && [ $tries -lt 50 ]; do
  sleep 0.1
  tries=$((tries + 1))
done
${killAll}`,

  /** master. Who looks after it starts it again. */
  kill: `${prelude}${finding}master=$1
${killAll}`,

  /** signal, pid */
  signal: `${prelude}kill "-$1" "$2"`,

  /** dir, unit */
  lastLines: `${prelude}${units}dir=$1 unit=$2
if has_unit; then
  journalctl --quiet --no-pager --output=cat --lines=20 --unit="$unit"
elif [ -f "$dir/haproxy.out" ]; then
  tail -n 20 "$dir/haproxy.out"
fi`,

  /**
   * haproxy, dir, source. A line for each certificate: what it is, the hash of its content, its name and, after a tab,
   * what HAProxy says of it. A copy goes when neither the source nor a configuration that is kept needs it.
   */
  certificates: `${prelude}${ownership}haproxy=$1 dir=$2 source=$3
newline='
'
make "$(dirname "$dir")"
make "$dir"
if [ ! -d "$source" ]; then echo 'absent'; exit 0; fi
if [ ! -r "$source" ] || [ ! -x "$source" ]; then echo 'forbidden'; exit 0; fi
make "$dir/certificates"
own "$dir/certificates"
used=' '
for file in "$source"/*.pem; do
  if [ ! -e "$file" ]; then continue; fi
  name=\${file##*/}
  case "$name" in *"$newline"*) continue ;; esac
  if [ ! -f "$file" ]; then echo "broken - $name	it is not a file"; continue; fi
  if [ ! -r "$file" ]; then echo "broken - $name	this user may not read it"; continue; fi
  if [ "$(wc -c < "$file")" -gt 1048576 ]; then echo "broken - $name	it is larger than 1 MB"; continue; fi
  trial=$dir/certificates/trial
  rm -rf "$trial"
  mkdir "$trial"
  cat "$file" > "$trial/trial.pem"
  hash=$(sha256sum < "$trial/trial.pem")
  hash=\${hash%% *}
  copy=$dir/certificates/$hash.pem
  if [ ! -f "$copy" ]; then
    printf 'frontend trial\\n  mode http\\n  timeout client 1s\\n  bind 127.0.0.1:1 ssl crt trial.pem\\n' > "$trial/haproxy.cfg"
    if ! said=$("$haproxy" -c -C "$trial" -f haproxy.cfg 2>&1); then
      said=$(echo "$said" | grep -F '[ALERT]' | head -n 1)
      echo "broken - $name	HAProxy does not take it: $said"
      continue
    fi
    own "$trial/trial.pem"
    sync "$trial/trial.pem"
    mv -T "$trial/trial.pem" "$copy"
  fi
  used="$used$hash "
  state=usable
  if command -v openssl > /dev/null && ! openssl x509 -noout -checkend 0 -in "$copy" > /dev/null 2>&1; then state=expired; fi
  echo "$state $hash $name"
done
rm -rf "$dir/certificates/trial"
for copy in "$dir"/certificates/*.pem; do
  if [ ! -f "$copy" ]; then continue; fi
  hash=\${copy##*/}
  case "$used" in *" \${hash%.pem} "*) continue ;; esac
  if cat "$dir/certificates.list" "$dir/previous/certificates.list" 2> /dev/null | grep -qF "$hash"; then continue; fi
  rm -f "$copy"
done`,

  ...sidecarScripts,
} as const
