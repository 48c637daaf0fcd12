# Shared by the scripts of this folder: where the tree is, how many jobs, how long a stage took.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
jobs=${SQUALL_JOBS:-$(nproc)}
started=$SECONDS

# Objects are found again in another checkout of the same sources: CI builds in a fresh clone each time.
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
  export CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-5G}
fi

# stage NAME COMMAND… : runs it and prints how long it took.
stage() {
  local name=$1 from=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  if "$@"; then
    printf '== %s: ok, %d s\n' "$name" $((SECONDS - from))
  else
    local code=$?
    printf '== %s: FAILED (exit %d), %d s\n' "$name" "$code" $((SECONDS - from)) >&2
    exit "$code"
  fi
}

# configure PRESET, and build PRESET TARGET…
configure() { cmake --preset "$1" >"$(log_of "$1")" || { cat "$(log_of "$1")" >&2; return 1; }; }
log_of() { mkdir -p build; echo "build/configure-$1.log"; }
build() {
  local preset=$1
  shift
  configure "$preset" && cmake --build --preset "$preset" -j "$jobs" --target "${@:-all}"
}
