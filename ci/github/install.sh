#!/usr/bin/env bash
# Puts squall into the PATH of the steps that follow: what is installed, else the package that SQUALL_PACKAGE names (a file, or
# a URL whose content has the checksum SQUALL_PACKAGE_SHA256), else a build of the repository that this file is from.
set -euo pipefail

fail() { echo "::error title=squall::$*"; exit 1; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

package=${SQUALL_PACKAGE:-}
sum=${SQUALL_PACKAGE_SHA256:-}
if [ -n "$package" ]; then
  case $package in
    https://*)
      [ -n "$sum" ] || fail "package-sha256 is missing: what comes from a URL is installed as root, so say what it has to be"
      file=$(mktemp --suffix=.deb)
      curl --fail --silent --show-error --location --proto '=https' --output "$file" "$package" || fail "cannot fetch $package"
      ;;
    *://*) fail "package: a file or an https:// URL, not $package" ;;
    *) file=$(realpath -e "$package" 2>/dev/null) || fail "package: there is no file $package" ;;
  esac
  if [ -n "$sum" ] && ! echo "$sum  $file" | sha256sum --check --status; then
    fail "the checksum of $package is $(sha256sum "$file" | cut -d' ' -f1), not $sum"
  fi
  as_root apt-get update -qq
  as_root apt-get install -y -qq "$file"
elif ! command -v squall >/dev/null; then
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
  "$root/ci/setup"
  (cd "$root" && cmake --preset ci-release && cmake --build --preset ci-release -j "$(nproc)" --target squall squall-shop)
  echo "$root/build/ci-release/bin" >>"$GITHUB_PATH"
  export PATH=$root/build/ci-release/bin:$PATH
fi
squall --version
