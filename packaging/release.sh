#!/bin/bash
# release.sh: makes all files of a release in dist/: packages for both processors, models,
# sources, SBOMs, SHA256SUMS and, with a key, its signature. docs/release.md says how to keep
# the key.
#
#   MINISIGN_KEY=FILE packaging/release.sh
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."
: "${SOURCE_DATE_EPOCH:?make release sets it}"
export SOURCE_DATE_EPOCH
if [ -n "$(git status --porcelain)" ]; then
	echo "release.sh: not everything is committed: the packages would not be made of the sources of the release" >&2
	exit 1
fi
version=$(cat internal/version/VERSION)
rm -rf dist bin/data
mkdir -p dist
for arch in amd64 arm64; do make --no-print-directory package GOARCH=$arch; done
make --no-print-directory package-models
packaging/sources.sh dist
licenses() { env -u GOARCH -u CC go run -trimpath ./packaging/licenses "$@"; }
for arch in amd64 arm64; do
	CGO_ENABLED=0 licenses -arch $arch sbom ./cmd/... > "dist/vocoder-$version-$arch.spdx.json"
	CGO_ENABLED=1 licenses -arch $arch -C engine -parts engine/licenses/parts.txt sbom ./cmd/vocoder-engine > "dist/vocoder-engine-$version-$arch.spdx.json"
done
cd dist
find . -maxdepth 1 -type f ! -name 'SHA256SUMS*' -printf '%P\n' | sort | xargs sha256sum > SHA256SUMS
cd ..
if [ -n "${MINISIGN_KEY:-}" ]; then make --no-print-directory sign-release; else echo "not signed: MINISIGN_KEY names no key" >&2; fi
ls -l dist
