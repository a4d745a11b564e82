#!/usr/bin/env bash
#
# Builds the container image and runs it as a platform would: root filesystem read-only, a numeric user without
# capabilities, process 1 of its own namespaces. Mirrors a capture to it, scrapes it, reads its alerts, ends it with
# SIGTERM. No Docker engine: buildah builds, namespaces run. The base image is made of Debian's packages and the Node of
# this machine, as only those and the npm registry may be reachable.
#
#   sudo test/container/build-and-run.sh          needs buildah, debootstrap, iproute2; prints PASS and FAIL lines
#
# BASE_IMAGE=node:24-slim   builds on that image instead (has to be pullable)
# KEEP=1                    leaves the working folder with logs and image storage
#
# Ends with 0 when all passed or when the test was skipped, with 1 otherwise.
set -uo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
failures=0

show() { tail -n 20 "$1" | cut -c 1-300; }
pass() { echo "PASS $1"; }
fail() { echo "FAIL $1"; failures=$((failures + 1)); }
check() { local name=$1; shift; if "$@" >>"$work/checks.log" 2>&1; then pass "$name"; else fail "$name"; fi; }
skip() { echo "SKIPPED: the container was NOT built or run: $1" >&2; exit 0; }

[ "$(id -u)" = 0 ] || skip "needs root"
for tool in buildah debootstrap unshare nsenter setpriv ip; do
  command -v "$tool" >/dev/null || skip "$tool is not installed (apt-get install buildah debootstrap iproute2)"
done

work=$(mktemp -d /var/tmp/periscope-container.XXXXXX)
sensor=''
mounted=''
container=''
image=periscope-test
export BUILDAH_ISOLATION=chroot
bud() { buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run" "$@"; }

cleanup() {
  [ -n "$sensor" ] && kill -KILL "$sensor" 2>/dev/null
  [ -n "$mounted" ] && umount -R "$work/root" 2>/dev/null
  [ -n "$container" ] && bud umount "$container" >/dev/null 2>&1
  if [ -n "${KEEP:-}" ]; then echo "left in $work"; else rm -rf "$work"; fi
}
trap cleanup EXIT

# The base image: Debian's minimal system of this machine's release, Node and npm as installed here, the certificate
# authorities that npm here trusts. Kept between runs, as debootstrap takes a minute.
base_rootfs() {
  local node release cache
  node=$(readlink -f "$(command -v node)")
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  cache=/var/tmp/periscope-base-$release-$("$node" --version)
  if [ ! -e "$cache/.complete" ]; then
    rm -rf "$cache"
    debootstrap --variant=minbase --include=ca-certificates,libstdc++6,libatomic1 "$release" "$cache" http://deb.debian.org/debian >"$work/debootstrap.log" 2>&1 \
      || { tail -5 "$work/debootstrap.log" >&2; return 1; }
    rm -rf "$cache"/var/cache/apt/archives/*.deb "$cache"/var/lib/apt/lists/* "$cache"/usr/share/{doc,man,locale}
    install -D "$node" "$cache/usr/bin/node"
    mkdir -p "$cache/usr/lib/node_modules" "$cache/usr/etc"
    cp -a "$(npm root --global)/npm" "$cache/usr/lib/node_modules/"
    ln -s ../lib/node_modules/npm/bin/npm-cli.js "$cache/usr/bin/npm"
    cp /etc/ssl/certs/ca-certificates.crt "$cache/etc/ssl/certs/ca-certificates.crt"
    echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$cache/usr/etc/npmrc"
    touch "$cache/.complete"
  fi
  echo "$cache"
}

make_base() {
  local rootfs base
  rootfs=$(base_rootfs) || return 1
  base=$(bud from scratch) && bud copy --quiet "$base" "$rootfs" / >/dev/null && bud commit --quiet --rm "$base" periscope-base >/dev/null
}

build() { bud bud --format docker --build-arg "BASE_IMAGE=$1" --tag "$image" "$root" >"$work/build.log" 2>&1; }

# The words of a JSON list into the array "list".
read_list() { mapfile -t list < <(node -e 'for (const word of JSON.parse(process.argv[1])) console.log(word)' "$1"); }

# ---------------------------------------------------------------- the image

base=${BASE_IMAGE:-periscope-base}
if [ "$base" = periscope-base ]; then
  make_base || { fail "base image"; exit 1; }
fi
if build "$base"; then pass "image builds on $base"; else show "$work/build.log"; fail "image builds on $base"; exit 1; fi

config=$(bud inspect --type image "$image" | node -e 'console.log(JSON.stringify(JSON.parse(require("fs").readFileSync(0)).Docker.config))')
field() { node -pe "JSON.stringify(JSON.parse(process.argv[1]).$1)" "$config"; }
check "user is a number, and not root" node -e 'process.exit(/^[1-9]\d*(:\d+)?$/.test(JSON.parse(process.argv[1]).User) ? 0 : 1)' "$config"
check "start command is node itself, no shell" test "$(field Entrypoint[0])" = '"node"'
check "health check is in exec form" test "$(field Healthcheck.Test[0])" = '"CMD"'
check "ports 4789/udp and 9789/tcp" test "$(field ExposedPorts)" = '{"4789/udp":{},"9789/tcp":{}}'

container=$(bud from "$image")
files=$(bud mount "$container")
check "no development dependencies" test ! -e "$files/app/node_modules/typescript" -a ! -e "$files/app/node_modules/vitest"
check "no sources" test ! -e "$files/app/src"
check "compiled rules are in the image, and not the sensor's to change" test -n "$(find "$files/app/cache" -name '*.ruleset' -user 0 ! -perm /022)"
check "koffi's binary is there" bash -c "ls '$files'/app/node_modules/@koromix/koffi-linux-*/*/koffi.node"
echo "INFO image: $(du -sm "$files" | cut -f1) MB, of these the application $(du -sm "$files/app" | cut -f1) MB (node_modules $(du -sm "$files/app/node_modules" | cut -f1) MB)"

# ------------------------------------------------------------------ the run

mkdir "$work/root"
mount --bind "$files" "$work/root" && mounted=1
mount -t tmpfs -o mode=755,size=64k none "$work/root/dev" && touch "$work/root/dev/null" && mount --bind /dev/null "$work/root/dev/null"
mount -o remount,bind,ro "$work/root"

user=$(field User | tr -d '"')
read_list "$(field Env)"; environment=("${list[@]}")
read_list "$(field Entrypoint)"; command=("${list[@]}")
read_list "$(field Cmd)"; command+=("${list[@]}")
read_list "$(field Healthcheck.Test)"; health=("${list[@]:1}")

# A short drain, so that the test is quick; everything else as it comes.
environment+=("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "PERISCOPE_SHUTDOWN_DRAIN_SECONDS=1")
inside=(setpriv --reuid "${user%%:*}" --regid "${user##*:}" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all)

unshare --net --mount --pid --ipc --uts --fork --kill-child bash -c '
  ip link set lo up
  mount -t proc proc "$1/proc"
  cd "$1" && shift && exec "$@"
' - "$work/root" env -i "${environment[@]}" chroot "$work/root" /usr/bin/setpriv "${inside[@]:1}" "${command[@]}" \
  >"$work/events.ndjson" 2>"$work/sensor.log" </dev/null &
launcher=$!

wait_for() { for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return 0; sleep 0.2; done; return 1; }
find_sensor() { sensor=$(pgrep -P "$launcher" | head -1); [ -n "$sensor" ]; }
wait_for find_sensor || { show "$work/sensor.log"; fail "sensor starts"; exit 1; }

enter() { nsenter --target "$sensor" --net -- "$@"; }
get() { enter node -e "fetch('http://127.0.0.1:9789$1').then(async (answer) => { process.stdout.write(await answer.text()); process.exit(answer.ok ? 0 : 1); }, () => process.exit(1))"; }
metric() { get /metrics | awk -v name="$1" '$0 !~ /^#/ && index($1, name) == 1 { sum += $NF; found = 1 } END { print found ? sum : "missing" }'; }

if wait_for get /readyz; then pass "ready with the image's own command"; else show "$work/sensor.log"; fail "ready with the image's own command"; exit 1; fi
check "rules come from the cache that the image holds" grep -q 'ready: .* from the cache' "$work/sensor.log"
check "process 1 is node" test "$(readlink "/proc/$sensor/exe" | xargs basename)" = node
check "runs as the user of the image" test "$(stat -c %u "/proc/$sensor")" = "${user%%:*}"
check "has no capabilities" grep -q '^CapEff:\s*0000000000000000$' "/proc/$sensor/status"
check "its root filesystem is read-only" grep -qE '^[^ ]+ / [^ ]+ ro[, ]' "/proc/$sensor/mounts"
check "health check of the image passes" nsenter --target "$sensor" --net --mount --pid -- env -i "${environment[@]}" chroot "$work/root" /usr/bin/setpriv "${inside[@]:1}" "${health[@]}"

sent=0
for capture in web-attack scan dns-tunnel reverse-shell benign; do
  check "mirrors samples/$capture.pcap" enter node "$files/app/dist/main.js" mirror "$root/samples/$capture.pcap" --to 127.0.0.1:4789 --vni 4711 --rate 2000pps
  sent=$((sent + $(node -e '
    const file = require("fs").readFileSync(process.argv[1]);
    let packets = 0;
    for (let at = 24; at + 16 <= file.length; packets++) at += 16 + file.readUInt32LE(at + 8);
    console.log(packets)' "$root/samples/$capture.pcap")))
done

all_inspected() { [ "$(metric periscope_inspected_packets_total)" = "$sent" ]; }
if wait_for all_inspected; then pass "all $sent packets inspected"; else fail "all $sent packets inspected: $(metric periscope_inspected_packets_total)"; fi
check "nothing dropped" test "$(metric periscope_dropped_packets_total)" = 0
check "rules of the image loaded" test "$(metric 'periscope_rules{state="loaded"}')" -ge 48
# The captures come one after the other, so each raises the alerts that the table in samples/README.md promises.
promised=$(grep -E '^\| `(web-attack|scan|dns-tunnel|reverse-shell|benign)\.pcap`' "$root/samples/README.md" | grep -oE '\b1[0-9]{6}\b' | sort -u)
alerted() { grep -oE '"signature_id":[0-9]+' "$work/events.ndjson" | cut -d: -f2 | sort -u; }
all_alerts() { [ "$(alerted)" = "$promised" ]; }
if wait_for all_alerts; then pass "alerts of all $(wc -l <<<"$promised") rules on stdout"; else fail "alerts on stdout: $(diff <(echo "$promised") <(alerted) | tr '\n' ' ')"; fi
check "alerts are JSON and carry the VNI" node -e '
  const lines = require("fs").readFileSync(process.argv[1], "utf8").trim().split("\n").map((line) => JSON.parse(line));
  process.exit(lines.every((event) => event.tunnel?.vni === 4711 || event.event_type !== "alert") ? 0 : 1)' "$work/events.ndjson"

kill -TERM "$sensor"
wait "$launcher"
status=$?
sensor=''
if [ "$status" = 0 ]; then pass "SIGTERM ends it with status 0"; else show "$work/sensor.log"; fail "SIGTERM ends it with status 0, got $status"; fi

echo "$([ "$failures" = 0 ] && echo PASS || echo FAIL) container: $failures failed"
[ "$failures" = 0 ]
