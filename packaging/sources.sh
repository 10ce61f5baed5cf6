#!/bin/bash
# sources.sh FOLDER: writes what a distribution builds from into a folder, as tarballs: the
# files of this commit, and the Go modules that they need, which unpack to vendor/ in them.
# The same commit gives the same bytes.
set -euo pipefail
export LC_ALL=C
umask 022
cd "$(dirname "$0")/.."
to=$(realpath "$1")
name=vocoder-$(cat internal/version/VERSION)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# gzip -n: no time in it.
git archive --format=tar --prefix="$name/" HEAD | gzip -9n > "$to/$name.tar.gz"
tar -C "$work" -xzf "$to/$name.tar.gz"
(cd "$work/$name" && env -u GOARCH GOFLAGS= go mod vendor)
tar -C "$work/$name" --sort=name --mtime="@${SOURCE_DATE_EPOCH:?}" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX -c vendor |
	gzip -9n > "$to/$name-vendor.tar.gz"
