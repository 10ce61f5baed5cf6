#!/bin/bash
# verify.sh [FOLDER]: builds the release of this commit in a fresh clone and compares it with
# what is in FOLDER, default dist/: the files of a release, as downloaded. It checks the
# signature if packaging/minisign.pub is there.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(realpath "${1:-dist}")
if [ -f packaging/minisign.pub ]; then
	go tool -modfile=tools.mod minisign -V -p packaging/minisign.pub -m "$folder/SHA256SUMS" -x "$folder/SHA256SUMS.minisig"
else
	echo "no signature is checked: packaging/minisign.pub is not there" >&2
fi
(cd "$folder" && sha256sum --quiet -c SHA256SUMS)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone -q . "$work/elsewhere"
env -u MINISIGN_KEY make --no-print-directory -C "$work/elsewhere" release > "$work/log" 2>&1 || { tail -n 30 "$work/log" >&2; exit 1; }
if ! diff "$folder/SHA256SUMS" "$work/elsewhere/dist/SHA256SUMS" >&2; then
	echo "verify-release: these files are not what this commit gives here" >&2
	exit 1
fi
echo "verify-release: $(wc -l < "$folder/SHA256SUMS") files are the same, byte for byte, built in another folder from $(git rev-parse --short HEAD)"
