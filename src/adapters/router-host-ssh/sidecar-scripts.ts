import {finding, prelude} from './script-parts.js'

/** As `scripts`, for a machine that gets a sidecar. */
export const sidecarScripts = {
  /** script, then its arguments. What comes on stdin is the script's. */
  asRoot: `${prelude}script=$1
shift
if [ "$(id -u)" != 0 ] && sudo -n true > /dev/null 2>&1 < /dev/null; then
  exec sudo -n sh -c "$script" "$0" "$@"
fi
exec sh -c "$script" "$0" "$@"`,

  /** root, token file */
  sidecarFacts: `${prelude}root=$1 token=$2
node=$(command -v node || true)
if [ -n "$node" ]; then
  echo "node $node"
  echo "version $("$node" --version || true)"
fi
haproxy=$(command -v haproxy || true)
if [ -n "$haproxy" ]; then echo "haproxy $haproxy"; fi
if [ -d "$root/run/systemd/system" ]; then echo 'systemd yes'; fi
echo "user $(id -u)"
if [ -f "$root$token" ]; then echo 'token yes'; fi`,

  /** root, then a path and a size for each file; the bytes of all of them come on stdin. */
  sidecarInstall: `${prelude}root=$1
shift
if ! id yard > /dev/null 2>&1; then
  useradd --system --home-dir /var/lib/yard --no-create-home --shell /usr/sbin/nologin yard
fi
umask 022
while [ $# -gt 1 ]; do
  path=$root$1
  mkdir -p "$(dirname "$path")"
  rm -f "$path.new"
  head -c "$2" > "$path.new"
  if [ "$(wc -c < "$path.new")" -ne "$2" ]; then echo "$1 did not arrive whole" >&2; exit 1; fi
  if cmp -s "$path.new" "$path"; then
    rm "$path.new"
  else
    sync "$path.new"
    mv "$path.new" "$path"
    echo "changed $1"
  fi
  shift 2
done`,

  /**
   * start or restart, master. A HAProxy that a push started goes on until the unit's listens beside it, which Linux
   * permits to sockets of one user only: so root's are given to the user of the unit first.
   */
  sidecarStart: `${prelude}${finding}master=$2
systemctl daemon-reload
systemctl enable --quiet yard-haproxy.path yard-sidecar.service
pushed=
if ! systemctl is-active --quiet yard-haproxy.service; then pushed=$(processes | cut -d ' ' -f 1); fi
for pid in $pushed; do
  find "/proc/$pid/fd" -lname 'socket:*' -exec chown yard '{}' + 2> /dev/null || true
done
if [ -n "$pushed" ]; then systemctl start yard-haproxy.service || true; fi
for pid in $pushed; do kill -USR1 "$pid" 2> /dev/null || true; done
tries=0
for pid in $pushed; do
  while [ -d "/proc/$pid" ] && [ $tries -lt 30 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
done
systemctl start yard-haproxy.path
systemctl reset-failed yard-sidecar.service 2> /dev/null || true
systemctl --no-block "$1" yard-sidecar.service`,
} as const
