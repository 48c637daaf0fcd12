# Shared by the launchers' tests of this folder: a work directory, processes that end with the script, a shop, a plan, and the
# comparison with the run of one process. The script gets the directory of the programs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bin=$(cd "${1:?"$0 BIN"}" && pwd)
export PATH=$bin:$PATH

ends=()
at_end() { ends=("$1" "${ends[@]}"); }
finish() { for end in "${ends[@]}"; do eval "$end" || true; done; }
trap finish EXIT
work=$(mktemp -d)
at_end 'rm -rf "$work"'

# start PROGRAM… : in the background, ended by its pid with the script.
start() {
  "$@" >>"$work/$(basename "$1").out" 2>&1 &
  at_end "kill $! 2>/dev/null; wait $! 2>/dev/null"
}
# until_true TENTHS COMMAND… : asks every tenth of a second.
until_true() {
  local left=$1
  shift
  until "$@"; do
    [ "$((left -= 1))" -gt 0 ] || return 1
    sleep 0.1
  done
}
# free_ports N : into ports, free a moment ago.
free_ports() {
  mapfile -t ports < <(python3 -c '
import socket, sys
held = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in held: one.bind(("127.0.0.1", 0)); print(one.getsockname()[1])' "$1")
}

# squall-shop on ports of its own; its place in shop_url.
start_shop() {
  free_ports 2
  start squall-shop psp --port "${ports[0]}" --answer-time 5ms
  start squall-shop shop --port "${ports[1]}" --psp "http://127.0.0.1:${ports[0]}" --payments atomic
  shop_url=http://127.0.0.1:${ports[1]}
  until_true 100 curl -sf -o /dev/null "$shop_url/readyz" || { echo "squall-shop does not get ready" >&2; return 1; }
}
write_plan() {
  cat >"$work/plan.toml" <<PLAN
format = 1
name = "launched"
[[target]]
name = "shop"
urls = ["$shop_url"]
timeout = "5s"
[load]
duration = "3s"
drain = "10s"
connections = 8
[limits] # as many processes as shards on this host: pacing is not what is tried here
lag_p99 = "5s"
started = "1%"
[[scenario]]
name = "buy"
arrivals = { process = "poisson", rate = "80/s" }
  [[scenario.step]]
  name = "charge"
  request = "POST /payments"
  headers = { Idempotency-Key = "{{key}}" }
  json = { order = "{{seq}}", amount = 1999, token = "{{key}}" }
  expect = ["status in 200..299"]
  effect = "{{key}}"
[[fault]]
name = "twins"
kind = "duplicate"
on = ["buy.charge"]
share = "20%"
copies = 2
spacing = "together"
[[effects.oracle]]
name = "ledger"
kind = "http"
request = "GET /ledger?limit=10000"
items = "/effects"
key = "/token"
next = "/next"
next_parameter = "after"
[effects]
settle = "300ms"
[checks]
require = ["duplicate_effects == 0", "lost_effects == 0", "unattributed_effects == 0"]
PLAN
}
# field DIR NAME : of the run's record.
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1] + "/record.json"))[sys.argv[2]])' "$1" "$2"; }

# expect_same DIR SHARDS RUN_ID : that joined run against one process with its seed and run id, on another shop.
expect_same() {
  start_shop
  squall run "$work/plan.toml" --target "$shop_url" --seed "$(field "$1" seed)" --run-id "$3" --out "$work/single" --quiet
  python3 - "$1" "$work/single" "$2" "$3" <<'CHECK'
import json, sys
joined, single = (json.load(open(f"{name}/record.json")) for name in sys.argv[1:3])
def told(name):
    print(f"  {name}: {joined[name]}")
    assert joined[name] == single[name], (name, joined[name], single[name])
for name in ("plan_digest", "run_id", "seed", "verdict"):
    told(name)
assert joined["run_id"] == sys.argv[4], joined["run_id"]
assert len(joined["shards"]) == int(sys.argv[3])
assert all(shard["started"] > 0 for shard in joined["shards"]), joined["shards"]
assert joined["totals"]["started"] == single["totals"]["started"] > 100
assert joined["effects"]["steps"][0]["operations"] == single["effects"]["steps"][0]["operations"]
print(f"  {joined['totals']['started']} arrivals in {sys.argv[3]} shards, as by one process")
CHECK
}
