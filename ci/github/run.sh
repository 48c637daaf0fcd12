#!/usr/bin/env bash
# Runs SQUALL_PLAN with SQUALL_OPTIONS (one word a line) into SQUALL_DIRECTORY. Writes the summary to $GITHUB_STEP_SUMMARY,
# verdict, exit-code and directory to $GITHUB_OUTPUT, annotations to stdout. Ends with 0 when that worked, whatever the verdict:
# the artefacts come first, then the last step ends with the code.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${SQUALL_PLAN:?}" "${GITHUB_OUTPUT:?}" "${GITHUB_STEP_SUMMARY:?}"
directory=${SQUALL_DIRECTORY:-squall-results}

options=()
while IFS= read -r word; do
  word=${word%$'\r'}
  [ -z "$word" ] || options+=("$word")
done <<<"${SQUALL_OPTIONS:-}"

# What an earlier run left is refused by squall, and is not this run's.
earlier=
[ ! -e "$directory/record.json" ] || earlier=yes

# Texts of plan and target stand in the log too, and none of them is a command to the runner.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
code=0
squall run "$SQUALL_PLAN" --out "$directory" --no-color "${options[@]}" || code=$?
echo "::$token::"

echo "exit-code=$code" >>"$GITHUB_OUTPUT"
if [ -z "$earlier" ] && [ -e "$directory/record.json" ]; then
  echo "directory=$directory" >>"$GITHUB_OUTPUT"
  cat "$directory/summary.md" >>"$GITHUB_STEP_SUMMARY"
  python3 "$here/annotations.py" "$directory/record.json" "$SQUALL_PLAN"
else
  echo "verdict=" >>"$GITHUB_OUTPUT"
  echo "::error title=squall::no run: squall ended with exit code $code, its messages stand above"
  # shellcheck disable=SC2016 # backquotes of Markdown
  printf '### ❌ squall: no run\n\n`squall run` ended with exit code %d before it sent anything.\n' "$code" >>"$GITHUB_STEP_SUMMARY"
fi
