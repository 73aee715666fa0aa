#!/bin/sh
# All that yard does as root on a host. The deploy user may run this program through sudo, and nothing else: it is the wall
# between a stolen deploy key and root. So it takes names and numbers that it checks itself, writes every unit itself, and
# reads no path, no unit and no command from outside. The text of an environment, and the line that a process is, are only
# ever used as the user of the service.
#
#   yard-host start ENVIRONMENT SERVICE FENCE HOST    starts what stdin names, then tells of states until stdin is silent
#   yard-host stop ENVIRONMENT SERVICE FENCE GRACE-MS ID...
#   yard-host run ENVIRONMENT SERVICE FENCE|- HOST ID MEMORY|- TASKS|- SECONDS BYTES    a process that runs to its end
#   yard-host list                                    the states of all instances here
#   yard-host lines ID COUNT                          the last lines of one
#   yard-host logs past|back|follow ENVIRONMENT SERVICE|- RELEASE|- FROM|- COUNT|- =TEXT|-    what instances wrote, as JSON
#   yard-host exec, yard-host ended ID [MARK]         for systemd: what a unit runs, and what it tells when that ended
#
# An ID is that of an instance without its host: billing-r42, billing-r42.worker, billing-r42.web.2.
# Ends with 64 for words it does not take, 65 when a later deploy was here, 66 when the release is not here, 70 when
# systemd does not do it. Runs in the sh of any Debian, with coreutils, findutils, grep, util-linux, passwd and systemd 247.
set -euC

refuse() {
  echo "yard-host: $1" >&2
  exit 64
}

# As the service, with what systemd gave it: the credential is text that yard wrote, which sets the variables and ends
# with `set -- LINE`. Never as root, who would run what anybody put there.
if [ "${1-}" = exec ] && [ $# -eq 1 ]; then
  # By its path: the PATH is the service's, or, where sudo passes it on, that of whoever called.
  yard_user=$(/usr/bin/id -u)
  if [ "$yard_user" = 0 ]; then refuse 'root runs no service'; fi
  yard_credentials=$CREDENTIALS_DIRECTORY
  unset CREDENTIALS_DIRECTORY
  set +eC
  set -a
  . "$yard_credentials/environment" || exit 71
  set +a
  exec /bin/sh -c -- "$1"
fi

umask 077
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
unset IFS

program=/usr/lib/yard/yard-host
releases=/srv/yard
homes=/var/lib/yard-services
own=/var/lib/yard-host
volatile=/run/yard-host
units=/etc/systemd/system
wants=$units/multi-user.target.wants
newline='
'

is_name() {
  case $1 in '' | [!a-z]* | *[!a-z0-9-]* | *- | *--*) return 1 ;; esac
  [ ${#1} -le 40 ]
}

# A whole number without leading zeros, of at most so many digits.
is_count() {
  case $1 in '' | *[!0-9]* | 0?*) return 1 ;; esac
  [ ${#1} -le "$2" ]
}

is_positive() {
  is_count "$1" "$2" && [ "$1" != 0 ]
}

# Sets id_service, id_release and id_process to what an id names.
read_id() {
  case $1 in '' | *[!a-z0-9.-]* | *. | *..*) return 1 ;; esac
  id_head=${1%%.*}
  id_service=${id_head%-r*}
  id_release=${id_head##*-r}
  id_process=web
  [ "$id_head" = "$id_service-r$id_release" ] || return 1
  is_name "$id_service" && is_positive "$id_release" 9 || return 1
  [ "$1" != "$id_head" ] || return 0
  id_rest=${1#*.}
  id_process=${id_rest%%.*}
  is_name "$id_process" || return 1
  [ "$id_rest" != "$id_process" ] || return 0
  is_positive "${id_rest#*.}" 4
}

check_names() {
  is_name "$1" || refuse 'this is not the name of an environment'
  is_name "$2" || refuse 'this is not the name of a service'
  environment=$1 service=$2
}

check_id() {
  read_id "$1" || refuse 'this is not the id of an instance'
  [ "$id_service" = "$service" ] || refuse 'this is an instance of another service'
}

check_limits() {
  [ "$1" = - ] || is_positive "$1" 15 || refuse 'this is not a size in bytes'
  [ "$2" = - ] || is_positive "$2" 7 || refuse 'this is not a number of tasks'
}

check_fence() {
  is_positive "$1" 15 || refuse 'this is not the number of a lock'
}

check_size() {
  is_positive "$1" 6 || refuse 'an environment has 1 to 999999 bytes'
}

make_places() {
  mkdir -p "$own/fences/$environment" "$own/credentials" "$own/ports" "$volatile"
  chmod 700 "$own" "$volatile"
}

# Takes the fence: the highest number seen is kept, a lower one is refused. Nobody else changes anything of the service
# here until descriptor 9 is closed. Root's number is in a place of root's own; the number that releases are placed with
# is the deploy user's, and is read and raised as that user, because root follows no link in a directory of others.
take_fence() {
  fence=$own/fences/$environment/$service
  exec 9>> "$fence.lock"
  flock -w 120 9 || {
    echo 'yard-host: another change of this service takes too long' >&2
    exit 70
  }
  seen=0
  if [ -f "$fence" ]; then read -r seen < "$fence" || true; fi
  # Empty after a loss of power: then the catalog alone knows.
  is_count "$seen" 15 || seen=0
  # Another program of that user can get at what is open in it: neither stdin, where environments come, nor the lock is.
  placed=$(as_deployer "$1" 2> /dev/null 3<&- 9>&- || true)
  if is_count "$placed" 15 && [ "$placed" -gt "$seen" ]; then seen=$placed; fi
  if [ "$1" -lt "$seen" ]; then
    echo "fenced $seen" >&2
    exit 65
  fi
  echo "$1" >| "$fence.new"
  mv -fT "$fence.new" "$fence"
}

as_deployer() {
  id yard > /dev/null
  setpriv --reuid=yard --regid=yard --clear-groups -- sh -c "$raise_fence" sh "$environment" "$service" "$1"
}

# Prints the number there and makes it the given one when that is higher: twenty digits, overwritten in place.
raise_fence='set -eu
umask 022
mkdir -p "/var/lib/yard/fences/$1"
cd "/var/lib/yard/fences/$1"
exec 9>> "$2"
flock -w 30 9
seen=0
read -r seen < "$2" || true
case $seen in "" | *[!0-9]*) seen=0 ;; esac
seen=${seen#"${seen%%[!0]*}"}
echo "${seen:-0}"
if [ "${seen:-0}" -lt "$3" ]; then printf "%020d\\n" "$3" 1<> "$2"; fi'

# The user of a service, made when it is first needed: `yard-` and its name, which is cut when it is too long for a user.
make_user() {
  user=yard-$service
  if [ ${#user} -gt 32 ]; then
    user_head=$(printf %.18s "$service")
    user_tail=$(printf %s "$service" | sha256sum)
    user=yard-$user_head-$(printf %.8s "$user_tail")
  fi
  home=$homes/$service
  if ! id -u "$user" > /dev/null 2>&1; then
    exec 8>> "$own/users.lock"
    flock -w 60 8
    nologin=/usr/sbin/nologin
    if [ ! -x "$nologin" ]; then nologin=/sbin/nologin; fi
    id -u "$user" > /dev/null 2>&1 || useradd --system --user-group --no-create-home \
      --home-dir "$home" --shell "$nologin" "$user" 9>&- 8>&-
    exec 8>&-
  fi
  if [ "$(getent passwd "$user" | cut -d : -f 6)" != "$home" ]; then
    echo "yard-host: the user $user is somebody else's" >&2
    exit 70
  fi
}

check_release() {
  release_directory=$releases/$service/releases/r$id_release
  if [ ! -f "$release_directory/release.json" ] || [ -L "$release_directory" ]; then
    echo "absent $service-r$id_release" >&2
    exit 66
  fi
}

systemd_version() {
  systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p'
}

# What confines a process, one directive a line. Nothing in it is from outside but checked names and numbers.
confinement() {
  echo "User=$user"
  echo "Group=$user"
  echo "WorkingDirectory=$release_directory"
  echo "StateDirectory=yard-services/$service"
  echo 'StateDirectoryMode=0700'
  if [ "$memory" != - ]; then echo "MemoryMax=$memory"; fi
  if [ "$tasks" != - ]; then echo "TasksMax=$tasks"; fi
  echo 'OOMPolicy=kill'
  echo 'LimitNOFILE=65536'
  echo "SyslogIdentifier=$service"
  echo "LogExtraFields=YARD_SERVICE=$service"
  echo "LogExtraFields=YARD_RELEASE=$service-r$id_release"
  echo "LogExtraFields=YARD_INSTANCE=$id@$host"
  echo "LogExtraFields=YARD_ENVIRONMENT=$environment"
  echo 'LogRateLimitIntervalSec=0'
  cat << END
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible
ProtectHostname=yes
ProtectClock=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
END
}

unit_text() {
  cat << END
[Unit]
Description=$id of yard
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0
$1
[Service]
Type=exec
ExecStart=$program exec
ExecStopPost=+$program ended $id
$2
Restart=on-failure
RestartForceExitStatus=0 SIGHUP SIGINT SIGPIPE SIGTERM
END
  # A service has no end of its own, so it is started again whatever its exit code is. A pause that grows is there since
  # systemd 254; before that it is the same each time.
  if [ "$(systemd_version)" -ge 254 ]; then
    printf 'RestartSec=1\nRestartSteps=6\nRestartMaxDelaySec=60\n'
  else
    echo 'RestartSec=2'
  fi
  cat << END
KillMode=control-group
TimeoutStopSec=${grace}ms
StandardOutput=journal
StandardError=journal
END
  confinement
  printf '\n[Install]\nWantedBy=multi-user.target\n'
}

# Makes the credential and the unit of an instance whose environment is in the file of that name. Sealed by a key of the
# machine it is still there after a restart of the machine; where that can't be, it is on a tmpfs, and so is the instance.
write_unit() {
  text=$volatile/$id.environment sealed=$own/credentials/$id unit=$units/yard-$id.service
  rm -f "$sealed.new" "$unit.new"
  if systemd-creds encrypt --with-key=host --name=environment - "$sealed.new" < "$text" > /dev/null 2>&1 9>&-; then
    mv -fT "$sealed.new" "$sealed"
    written="$written $sealed"
    rm -f "$text"
    unit_text '' "LoadCredentialEncrypted=environment:$sealed" > "$unit.new"
  else
    rm -f "$sealed" "$sealed.new"
    unit_text "ConditionPathExists=$text" "LoadCredential=environment:$text" > "$unit.new"
  fi
  echo "$port" >| "$own/ports/$id"
  rm -f "$volatile/$id.end"
  chmod 644 "$unit.new"
  mv -fT "$unit.new" "$unit"
  written="$written $unit"
  mkdir -p "$wants"
  ln -sfT "../yard-$id.service" "$wants/yard-$id.service"
}

is_looked_after() {
  [ -f "$units/yard-$1.service" ] || return 1
  case $(systemctl show --property=ActiveState --value "yard-$1.service" 9>&-) in
    active | activating | reloading) return 0 ;;
    *) return 1 ;;
  esac
}

# The next so many bytes of stdin, whole.
take_text() {
  rm -f "$1"
  head -c "$2" <&3 > "$1"
  if [ "$(wc -c < "$1")" -ne "$2" ]; then
    rm -f "$1"
    refuse 'the environment did not arrive whole'
  fi
}

# Lines of stdin: `instance ID PORT|- MEMORY|- TASKS|- GRACE-MS BYTES`, each with so many bytes of text behind it; then `end`.
start() {
  check_names "$1" "$2"
  check_fence "$3"
  is_name "$4" || refuse 'this is not the name of a host'
  host=$4
  make_places
  take_fence "$3"
  wanted='' names='' texts='' written=''
  # Nothing of an environment stays when something goes wrong.
  trap 'rm -f $texts' EXIT
  trap 'exit 143' TERM INT HUP
  while :; do
    read -r word id port memory tasks grace bytes more <&3 || refuse 'stdin ended too early'
    if [ "$word" = end ]; then break; fi
    if [ "$word" != instance ] || [ -n "$more" ]; then refuse 'stdin names instances only'; fi
    check_id "$id"
    [ "$port" = - ] || { is_positive "$port" 5 && [ "$port" -le 65535 ]; } || refuse 'this is not a port'
    check_limits "$memory" "$tasks"
    is_count "$grace" 8 || refuse 'this is not a time in milliseconds'
    # systemd takes none for one without end.
    if [ "$grace" = 0 ]; then grace=1; fi
    check_size "$bytes"
    check_release
    [ ${#wanted} -le 9999 ] || refuse 'these are too many instances'
    texts="$texts $volatile/$id.new"
    take_text "$volatile/$id.new" "$bytes"
    wanted="$wanted$id $port $memory $tasks $grace$newline"
  done
  # Nothing was changed unless all has arrived.
  make_user
  while read -r id port memory tasks grace; do
    if [ -z "$id" ]; then continue; fi
    check_id "$id"
    check_release
    if is_looked_after "$id"; then
      rm -f "$volatile/$id.new"
      continue
    fi
    mv -fT "$volatile/$id.new" "$volatile/$id.environment"
    write_unit
    names="$names yard-$id.service"
  done << END
$wanted
END
  if [ -n "$names" ]; then
    # A machine that loses its power has them whole.
    sync $written
    systemctl daemon-reload 9>&-
    # Without effect on what never failed.
    systemctl reset-failed -- $names 2> /dev/null 9>&- || true
    if ! systemctl --no-ask-password --quiet start -- $names 2> "$volatile/said.$$" 9>&-; then
      say_why
      exit 70
    fi
    rm -f "$volatile/said.$$"
  fi
  exec 9>&-
  echo started
  tell_until_silent
}

say_why() {
  for name in $names; do
    if [ "$(systemctl show --property=ActiveState --value "$name")" = active ]; then continue; fi
    echo "unstarted ${name%.service} $(systemctl show --property=Result --value "$name")" >&2
    journalctl --quiet --no-pager --output=cat --lines=5 --unit="$name" >&2 2> /dev/null || true
  done
  cat "$volatile/said.$$" >&2
  rm -f "$volatile/said.$$"
}

# Tells until nobody asks for it any more: whoever reads sends a byte at least every 30 seconds. What was started goes on.
tell_until_silent() {
  tell 3<&- < /dev/null &
  teller=$!
  trap 'kill "$teller" 2> /dev/null || true' EXIT
  trap 'exit 0' TERM INT HUP
  while [ -n "$(timeout 30 head -c 1 <&3)" ] && kill -0 "$teller" 2> /dev/null; do :; done
}

# All states when one has changed, and a sign of life after each look.
tell() {
  before=- calm=0
  while :; do
    now=$(print_states "$service")
    calm=$((calm + 1))
    if [ "$now" != "$before" ]; then
      printf 'states\n%s\n' "$now"
      before=$now
      calm=0
    fi
    say_seen
    if [ $calm -lt 20 ]; then sleep 0.2; else sleep 0.5; fi
  done
}

# With the seconds that the machine is up: the states name the moments at which they began by the same clock.
say_seen() {
  read -r up _ < /proc/uptime
  echo "seen $up"
}

# One line for each instance here, of one service when it is given.
print_states() {
  ids=''
  for file in "$units"/yard-*-r*.service; do
    each=${file##*/yard-}
    each=${each%.service}
    if [ ! -f "$file" ] || ! read_id "$each"; then continue; fi
    if [ -z "$1" ] || [ "$id_service" = "$1" ]; then ids="$ids yard-$each.service"; fi
  done
  if [ -z "$ids" ]; then return 0; fi
  {
    systemctl show --property=Id,ActiveState,SubState,MainPID,NRestarts,Result,ControlGroup,StateChangeTimestampMonotonic -- $ids
    echo
  } | while IFS='=' read -r key value; do
    case $key in
      Id) unit=$value ;;
      ActiveState) active=$value ;;
      SubState) sub=$value ;;
      MainPID) pid=$value ;;
      NRestarts) restarts=$value ;;
      Result) result=$value ;;
      ControlGroup) group=$value ;;
      StateChangeTimestampMonotonic) since=$value ;;
      '') if [ -n "${unit-}" ]; then print_state; fi; unit='' ;;
    esac
  done
}

print_state() {
  each=${unit#yard-}
  each=${each%.service}
  exit=- port=- owns=-
  if [ -f "$volatile/$each.end" ]; then read -r result exit < "$volatile/$each.end" || true; fi
  if [ -f "$own/ports/$each" ]; then read -r port < "$own/ports/$each" || true; fi
  if [ "$port" != - ] && [ "$active" = active ]; then owns=$(owner); fi
  echo "state $each active=$active sub=$sub pid=$pid restarts=$restarts since=$since result=$result exit=$exit port=$port owns=$owns"
  if [ "$verb" = list ] && [ "$active" = active ]; then echo "memory $each $(memory)"; fi
}

# The kilobytes that the processes of a unit have in memory.
memory() {
  total=0
  for procs in "/sys/fs/cgroup$group/cgroup.procs" "/sys/fs/cgroup/systemd$group/cgroup.procs"; do
    if [ ! -f "$procs" ]; then continue; fi
    while read -r member; do
      size=$(grep '^VmRSS:' "/proc/$member/status" 2> /dev/null | tr -dc 0-9) || true
      total=$((total + ${size:-0}))
    done < "$procs"
    break
  done
  echo "$total"
}

# 1 when all who listen on the port belong to the unit, 0 when somebody else does, n when nobody does.
owner() {
  hexadecimal=$(printf %04X "$port")
  sockets=$(cat /proc/net/tcp /proc/net/tcp6 2> /dev/null | grep -E "^ *[0-9]+: [0-9A-F]+:$hexadecimal [0-9A-F]+:0000 0A " |
    while read -r _ _ _ _ _ _ _ _ _ inode _; do echo "$inode"; done) || true
  if [ -z "$sockets" ]; then
    echo n
    return 0
  fi
  places=''
  for procs in "/sys/fs/cgroup$group/cgroup.procs" "/sys/fs/cgroup/systemd$group/cgroup.procs"; do
    if [ ! -f "$procs" ]; then continue; fi
    while read -r member; do places="$places /proc/$member/fd"; done < "$procs"
    break
  done
  for inode in $sockets; do
    if [ -z "$places" ] || [ -z "$(find $places -lname "socket:\[$inode\]" -print -quit 2> /dev/null)" ]; then
      echo 0
      return 0
    fi
  done
  echo 1
}

# SIGTERM to all of an instance, after the grace time SIGKILL; then nothing of it is left, not even after a restart of the
# machine. Goes on to its end when nobody listens any more, so it says nothing before.
stop() {
  check_names "$1" "$2"
  check_fence "$3"
  fence_number=$3 grace=$4
  is_count "$grace" 8 || refuse 'this is not a time in milliseconds'
  shift 4
  for id in "$@"; do check_id "$id"; done
  make_places
  take_fence "$fence_number"
  running='' said=''
  for id in "$@"; do
    rm -f "$wants/yard-$id.service"
    case $(systemctl show --property=ActiveState --value "yard-$id.service" 9>&-) in
      inactive | failed) said="$said${newline}stopped $id not-running" ;;
      *) running="$running yard-$id.service" ;;
    esac
  done
  if [ -n "$running" ]; then systemctl --no-ask-password --no-block stop -- $running 9>&-; fi
  deadline=$(($(milliseconds) + grace))
  await_end "$deadline" terminated
  if [ -n "$running" ]; then
    systemctl kill --signal=KILL -- $running 2> /dev/null 9>&- || true
    await_end $(($(milliseconds) + 15000)) killed
  fi
  for id in "$@"; do
    case " $running " in
      *" yard-$id.service "*) continue ;;
    esac
    rm -f "$units/yard-$id.service" "$own/credentials/$id" "$own/ports/$id" "$volatile/$id.environment" "$volatile/$id.new" \
      "$volatile/$id.end"
  done
  systemctl daemon-reload 9>&-
  for id in "$@"; do systemctl reset-failed "yard-$id.service" 2> /dev/null 9>&- || true; done
  if [ -n "$said" ]; then echo "${said#"$newline"}"; fi
  if [ -n "$running" ]; then
    echo "unended$running" >&2
    exit 70
  fi
}

# Waits until nothing of the running units is left, and takes those that ended from the list.
await_end() {
  while [ -n "$running" ]; do
    left=''
    for name in $running; do
      case $(systemctl show --property=ActiveState --value "$name" 9>&-) in
        inactive | failed)
          outcome=$2
          if [ "$(systemctl show --property=Result --value "$name" 9>&-)" = timeout ]; then outcome=killed; fi
          each=${name#yard-}
          said="$said${newline}stopped ${each%.service} $outcome"
          ;;
        *) left="$left $name" ;;
      esac
    done
    running=$left
    if [ -z "$running" ] || [ "$(milliseconds)" -ge "$1" ]; then break; fi
    sleep 0.1
  done
}

milliseconds() {
  read -r up _ < /proc/uptime
  seconds=${up%.*} hundredths=${up#*.}
  echo $((seconds * 1000 + ${hundredths#0} * 10))
}

# Ends a unit when stdin ends or is silent for 30 seconds. The unit may not be there yet.
end_with_input='while [ -n "$(timeout 30 head -c 1)" ]; do :; done
until systemctl --no-ask-password stop "$1" || ! kill -0 "$3"; do sleep 0.1; done
kill -0 "$3" || rm -f "$2" "$2.end"'

# Its output, both kinds, is that of this program; how it ended is said on stderr. It is ended when stdin is.
run() {
  check_names "$1" "$2"
  [ "$3" = - ] || check_fence "$3"
  is_name "$4" || refuse 'this is not the name of a host'
  host=$4 id=$5 memory=$6 tasks=$7
  check_id "$id"
  check_limits "$memory" "$tasks"
  is_positive "$8" 7 || refuse 'this is not a time in seconds'
  seconds=$8 bytes=$9
  check_size "$bytes"
  make_places
  if [ "$3" != - ]; then
    take_fence "$3"
    exec 9>&-
  fi
  check_release
  mark=$(od -An -N6 -tx8 /dev/urandom | tr -d ' ')
  unit=yard-$id:$mark.service
  text=$volatile/once-$mark
  trap 'rm -f "$text" "$text.end"' EXIT
  trap 'exit 143' TERM INT HUP
  take_text "$text" "$bytes"
  make_user
  # Of a session of its own: who ends this program has not ended what it started.
  setsid sh -c "$end_with_input" sh "$unit" "$text" $$ <&3 > /dev/null 2>&1 &
  guard=$!
  set -- --quiet --pipe --wait --service-type=exec "--unit=$unit" "--description=$id of yard"
  directives=$(confinement)
  while read -r directive; do
    set -- "$@" "--property=$directive"
  done << END
$directives
RuntimeMaxSec=$seconds
TimeoutStopSec=10
LoadCredential=environment:$text
ExecStopPost=+$program ended $id $mark
END
  code=0
  systemd-run "$@" -- "$program" exec 3<&- < /dev/null 2>&1 || code=$?
  kill "$guard" 2> /dev/null || true
  systemctl reset-failed "$unit" 2> /dev/null || true
  said='- -'
  if [ -f "$text.end" ]; then read -r said < "$text.end"; fi
  rm -f "$text" "$text.end"
  echo "ended $code $said" >&2
}

# What instances wrote: entries of the journal as JSON, one a line, after a line with the time here. `back` begins with the
# newest; FROM is `@SECONDS` or the cursor of an entry, which is the first one then. It ends when stdin ends or is silent
# for 30 seconds, so that nobody reads on for one who has gone.
logs() {
  case $1 in past | back | follow) ;; *) refuse 'logs are read past, back or follow' ;; esac
  mode=$1 environment=$2 service=$3 release=$4 from=$5 count=$6 text=$7
  is_name "$environment" || refuse 'this is not the name of an environment'
  [ "$service" = - ] || is_name "$service" || refuse 'this is not the name of a service'
  [ "$release" = - ] || { [ "$service" != - ] && is_positive "$release" 9; } || refuse 'this is not a release'
  [ "$count" = - ] || is_count "$count" 7 || refuse 'this is not a number of lines'
  case $text in
    -) ;;
    *"$newline"*) refuse 'this is not text of one line' ;;
    =?*) [ ${#text} -le 1000 ] || refuse 'this text is too long' ;;
    *) refuse 'this is not text to look for' ;;
  esac
  fields=MESSAGE,PRIORITY,_SYSTEMD_UNIT,YARD_ENVIRONMENT,YARD_INSTANCE
  set -- --quiet --no-pager --all --output=json "--output-fields=$fields"
  case $from in
    -) ;;
    @*)
      is_count "${from#@}" 12 || refuse 'this is not a time in seconds'
      set -- "$@" "--since=$from"
      ;;
    *[!a-z0-9=\;]*) refuse 'this is not the cursor of an entry' ;;
    s=*)
      [ ${#from} -le 300 ] || refuse 'this is not the cursor of an entry'
      set -- "$@" "--cursor=$from"
      ;;
    *) refuse 'this is not where to begin' ;;
  esac
  if [ "$count" != - ]; then set -- "$@" "--lines=$count"; fi
  case $mode in
    back) set -- "$@" --reverse ;;
    # Otherwise it shows ten entries of those that are due, and waits.
    follow) set -- "$@" --follow --lines=all ;;
  esac
  # Where journalctl can't look for text, whoever asked does.
  if [ "$text" != - ]; then
    case $(journalctl --version) in
      *+PCRE2*) set -- "$@" --case-sensitive=yes "--grep=$(printf '%s\n' "${text#=}" | sed 's/[][\\.*^$+?(){}|]/\\&/g')" ;;
    esac
  fi
  set -- "$@" "YARD_ENVIRONMENT=$environment"
  if [ "$service" != - ]; then set -- "$@" "YARD_SERVICE=$service"; fi
  if [ "$release" != - ]; then set -- "$@" "YARD_RELEASE=$service-r$release"; fi
  journalctl --sync 2> /dev/null || true
  echo "clock $(date +%s%6N)"
  journalctl "$@" 3<&- < /dev/null &
  reader=$!
  trap 'kill "$reader" 2> /dev/null || true' EXIT
  trap 'exit 0' TERM INT HUP
  {
    while [ -n "$(timeout 30 head -c 1 <&3)" ]; do :; done
    kill "$reader" || true
  } > /dev/null 2>&1 &
  guard=$!
  exec 3<&-
  code=0
  wait "$reader" || code=$?
  trap - EXIT
  kill "$guard" 2> /dev/null || true
  # That is how it says that it found no such text.
  if [ "$text" != - ] && [ $code -eq 1 ]; then code=0; fi
  exit $code
}

# How a unit ended, for whoever asks later; systemd forgets it with the next start.
ended() {
  case ${SERVICE_RESULT-}${EXIT_CODE-}${EXIT_STATUS-} in '' | *[!A-Za-z0-9-]*) refuse 'only systemd says how a unit ended' ;; esac
  mkdir -p "$volatile"
  rm -f "$1.new"
  echo "${SERVICE_RESULT:--} ${EXIT_CODE:--}:${EXIT_STATUS:--}" > "$1.new"
  mv -fT "$1.new" "$1"
}

# Descriptor 3 is stdin: what the shell starts in the background has none.
exec 3<&0 < /dev/null
verb=${1-}
if [ $# -gt 0 ]; then shift; fi
case $verb:$# in
  start:4 | run:9 | list:0 | lines:2 | logs:7 | ended:[12]) ;;
  stop:[5-9] | stop:[1-9][0-9]) ;;
  *) refuse 'start, stop, run, list, lines, logs, exec or ended, with their words' ;;
esac
if [ "$(id -u)" != 0 ]; then refuse 'this takes root'; fi
case $verb in
  start | stop | run | logs) "$verb" "$@" ;;
  list)
    print_states ''
    say_seen
    ;;
  lines)
    read_id "$1" || refuse 'this is not the id of an instance'
    is_positive "$2" 5 || refuse 'this is not a number of lines'
    journalctl --sync 2> /dev/null || true
    # Not those of an earlier one of the same name.
    since=0
    if [ -f "$own/ports/$1" ]; then since=$(stat -c %.6Y "$own/ports/$1"); fi
    journalctl --quiet --no-pager --output=cat "--since=@$since" "--lines=$2" --reverse "_SYSTEMD_UNIT=yard-$1.service" | tac
    ;;
  ended)
    read_id "$1" || refuse 'this is not the id of an instance'
    file=$1
    if [ $# -eq 2 ]; then
      case $2 in '' | *[!0-9a-f]*) refuse 'this is not the mark of a run' ;; esac
      file=once-$2
    fi
    ended "$volatile/$file.end"
    ;;
esac
