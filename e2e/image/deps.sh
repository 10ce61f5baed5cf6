#!/bin/bash
# deps.sh [PACKAGE...]: sees that these Debian packages are there, without an
# argument those of host-packages.txt. As root it installs what is missing;
# otherwise it prints the line that does, and fails.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
missing=()
[ $# -gt 0 ] || set -- $(sed 's/#.*//' "$here/host-packages.txt")
for p in "$@"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2> /dev/null)" = installed ] || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] && exit 0
line="apt-get install -y --no-install-recommends ${missing[*]}"
if [ "$(id -u)" -ne 0 ]; then
  printf 'These Debian packages are missing. Install them with:\n  sudo %s\n' "$line" >&2
  exit 1
fi
echo "installing ${#missing[@]} Debian packages: ${missing[*]}" >&2
apt-get update -q -o DPkg::Lock::Timeout=600 >&2
DEBIAN_FRONTEND=noninteractive $line -o DPkg::Lock::Timeout=600 >&2
