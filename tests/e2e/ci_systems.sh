#!/usr/bin/env bash
# What CI systems include (ci/github, ci/gitlab, ci/jenkins), as far as it runs without them: the action's scripts for real, with
# files in place of GitHub's; the templates parsed, and what they run.
#   tests/e2e/ci_systems.sh BIN     BIN: the directory of squall
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
PATH=$(cd "${1:?"$0 BIN"}" && pwd):$PATH
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
cd "$work"

fail() {
  echo "FAILED: $*" >&2
  for file in out summary said; do [ ! -e "$file" ] || { echo "--- $file"; cat "$file"; } >&2; done
  exit 1
}
expect() { grep -Eq -- "$2" "$1" || fail "$1 does not have: $2"; }
expect_not() { ! grep -Eq -- "$2" "$1" || fail "$1 has: $2"; }

cat >server.py <<'PY'
import http.server
class Ok(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ok)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 server.py >port &
server=$!
for _ in $(seq 100); do [ -s port ] && break; sleep 0.05; done
plan() {
  cat >plan.toml <<TOML
format = 1
name = "gate"
preflight = false
[[target]]
name = "t"
urls = ["http://127.0.0.1:$(cat port)"]
[load]
duration = "1s"
[limits]
lag_p99 = "5s"
started = "1%"
[[scenario]]
name = "s"
arrivals = { process = "constant", rate = "40/s" }
  [[scenario.step]]
  name = "get"
  request = "GET /"
[checks]
require = [
  "error_rate < 1%",
  "$1",
]
TOML
}
# action OPTIONS… : the step that runs the plan; its exit code in code.
action() {
  [ -n "${keep:-}" ] || rm -rf squall-results
  rm -f out summary
  : >out && : >summary
  code=0
  GITHUB_OUTPUT=$work/out GITHUB_STEP_SUMMARY=$work/summary SQUALL_PLAN=plan.toml SQUALL_OPTIONS=$(printf '%s\n' "$@") \
    bash "$root/ci/github/run.sh" >said 2>&1 || code=$?
}

plan "response p50 < 10s"
action --seed 7 --set '' 'load.duration=1s'
[ "$code" = 0 ] || fail "exit code $code"
expect out '^exit-code=0$'
expect out '^verdict=pass$'
expect out '^directory=squall-results$'
expect summary 'squall: `gate` pass'
# What squall says stands where the runner looks for no commands.
token=$(sed -n '1s/^::stop-commands:://p' said)
[ "${#token}" = 32 ] || fail "the runner looks for commands in what squall says"
[ "$(sed -n '$p' said)" = "::$token::" ] || fail "the runner is not told to look for commands again"
[ "$(grep -c '^::' said)" = 2 ] || fail "a run that passes has no annotations"
xmllint --noout --schema "$root/tests/support/junit.xsd" squall-results/junit.xml 2>/dev/null || fail "junit.xml is not valid"
[ "$(wc -c <summary)" -le 65536 ] || fail "the summary is longer than a comment may be"

# A directory that an earlier run has left in the workspace is refused, and its verdict is not this run's.
keep=yes action --seed 8
expect out '^exit-code=2$'
expect out '^verdict=$'
expect_not out '^directory='
expect summary 'no run'
expect said 'is not empty'

# A failed check is an error at its line of the plan, and its own percent sign no escape.
plan "error_rate > 50%"
action --seed 7
[ "$code" = 0 ] || fail "exit code $code"
expect out '^exit-code=1$'
expect out '^verdict=fail$'
expect said '^::error file=plan.toml,line=21,title=squall%3A fail::error_rate > 50%25: 0%25'

# Nothing of the options is run by a shell, and a plan that cannot be run says so in the job's page.
action "--set" "load.duration=\$(touch $work/pwned)"
[ ! -e pwned ] || fail "an option was run by a shell"
expect out '^exit-code=2$'
expect out '^verdict=$'
expect_not out '^directory='
expect summary 'no run'
expect said '^::error title=squall::no run'

# Texts of a plan or target begin no command of their own.
cat >hostile.json <<'JSON'
{"verdict": "fail", "exit_code": 1, "reasons": [], "checks": [
  {"source": "error_rate < 1%", "verdict": "fail", "value_text": "2%", "note": "x\n::set-output name=a::b\r"}],
 "findings": [{"detector": "d", "id": "d:a,line=1", "verdict": "fail", "required": false, "summary": "y\n::error::z"}]}
JSON
GITHUB_OUTPUT=$work/out python3 "$root/ci/github/annotations.py" hostile.json plan.toml >said
[ "$(grep -c '' said)" = 2 ] || fail "two annotations are two lines"
expect said '%0A::set-output'
expect said 'title=squall%3A d%3Aa%2Cline=1::y%0A::error::z'

install() {
  code=0
  env "$@" GITHUB_PATH="$work/path" bash "$root/ci/github/install.sh" >said 2>&1 || code=$?
}
install SQUALL_PACKAGE=
[ "$code" = 0 ] || fail "squall is installed already"
expect said '^squall [0-9]'
echo "no package" >bad.deb
install SQUALL_PACKAGE=bad.deb SQUALL_PACKAGE_SHA256=00
[ "$code" != 0 ] || fail "a wrong checksum was taken"
expect said '::error title=squall::the checksum of bad.deb is'
install SQUALL_PACKAGE=https://127.0.0.1:1/squall.deb
[ "$code" != 0 ] || fail "a URL without checksum was taken"
expect said 'package-sha256 is missing'
install SQUALL_PACKAGE=http://127.0.0.1:1/squall.deb SQUALL_PACKAGE_SHA256=00
expect said 'a file or an https:// URL'
install SQUALL_PACKAGE=nowhere.deb
expect said 'there is no file nowhere.deb'

# The templates, read by another parser; what the action's steps name has to be there.
python3 - "$root" <<'PY'
import os, sys, yaml
root = sys.argv[1]
with open(f"{root}/ci/github/action.yml") as file:
    action = yaml.safe_load(file)
assert action["runs"]["using"] == "composite"
steps = action["runs"]["steps"]
for step in steps:
    assert ("uses" in step) or step["shell"] == "bash", step
    run = step.get("run", "")
    assert "${{" not in run, "texts come in through the environment"
    if "GITHUB_ACTION_PATH" in run:
        script = run.strip('"').replace("$GITHUB_ACTION_PATH", f"{root}/ci/github")
        assert os.access(script, os.X_OK), script
ids = {step.get("id") for step in steps}
for output in action["outputs"].values():
    assert output["value"].split(".")[1] in ids
with open(f"{root}/ci/gitlab/squall.gitlab-ci.yml") as file:
    job = yaml.safe_load(file)[".squall"]
assert job["artifacts"]["reports"]["junit"] == "$SQUALL_DIRECTORY/junit.xml"
with open("gitlab.sh", "w") as file:
    file.write("set -e\n" + "\n".join(job["script"]) + "\n")
PY

# The GitLab job's script, as its runner would.
plan "response p50 < 10s"
SQUALL_PLAN=plan.toml SQUALL_DIRECTORY=gitlab SQUALL_OPTIONS="--seed 7 --set load.duration=1s" sh gitlab.sh >said 2>&1 || fail "gitlab"
[ -s gitlab/junit.xml ] || fail "no junit.xml"
# And that of the Jenkins pipeline.
sed -n "/script: '''/,/''')/p" "$root/ci/jenkins/Jenkinsfile" | sed '1d;$d' >jenkins.sh
[ -s jenkins.sh ] || fail "the Jenkinsfile has no script"
PLAN=plan.toml TARGET="http://127.0.0.1:$(cat port)" sh jenkins.sh >said 2>&1 || fail "jenkins"
[ -s squall-results/junit.xml ] || fail "no junit.xml"
echo "ok"
