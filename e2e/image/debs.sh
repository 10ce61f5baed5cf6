#!/bin/bash
# debs.sh SUITE STATUS PACKAGE...: downloads the Debian packages that a machine of
# that release lacks to have the named ones, and prints the folder they are in.
# STATUS is its /var/lib/dpkg/status. What was downloaded once is kept.
set -euo pipefail
suite=$1 status=$(realpath "$2")
shift 2
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vocoder/machine
out=$cache/debs-$({ echo "$suite $*"; cat "$status"; } | sha256sum | cut -c1-16)
if [ -d "$out" ]; then
  echo "$out"
  exit 0
fi
apt=$cache/apt-$suite
mkdir -p "$apt/lists/partial"
exec 9> "$apt/lock"
flock 9
host=$(. /etc/os-release; echo "${VERSION_CODENAME:-}")
apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) main' 'Created-By: Packages' 'Component: main' 'Origin: Debian' |
  grep -E " $host(-updates|-security)? main\$" | sort -u | sed "s/ $host/ $suite/" > "$apt/sources.list"
rm -rf "$out.part"
mkdir -p "$out.part/partial"
options=(-q -y -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
  -o "Dir::State::lists=$apt/lists" -o "Dir::State::status=$status" -o "Dir::Cache::archives=$out.part"
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Debug::NoLocking=true -o APT::Install-Recommends=false
  -o Acquire::Languages=none -o Acquire::Retries=3 -o APT::Sandbox::User=root)
apt-get "${options[@]}" update >&2
apt-get "${options[@]}" --download-only install "$@" >&2
rm -rf "$out.part/partial" "$out.part/lock"
mv "$out.part" "$out"
echo "$out"
