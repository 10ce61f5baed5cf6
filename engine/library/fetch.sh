#!/bin/sh
# Fetches the recognizer's library, sherpa-onnx with ONNX Runtime, and prints its folder.
# What is there already is not fetched again, and needs no network.
#
#   engine/library/fetch.sh      GOARCH=arm64 for another processor than this one
#
# It needs python3 with venv, for pip. The package is pinned in wheel.txt, its files in
# sums-GOARCH.txt. None of its code runs.
set -eu
cd "$(dirname "$0")"
say() { printf 'library: %s\n' "$*" >&2; }
. ../venv.sh
arch=$(go env GOARCH)
case $arch in
amd64) platform=manylinux2014_x86_64 ;;
arm64) platform=manylinux2014_aarch64 ;;
*) say "sherpa-onnx has no library for $arch"; exit 1 ;;
esac
version=$(sed -n 's/^sherpa-onnx-core==\([0-9.]*\).*/\1/p' wheel.txt)
folder=${XDG_CACHE_HOME:-$HOME/.cache}/vocoder/sherpa-onnx-$version-$arch
sums=$PWD/sums-$arch.txt

# whole reports whether a folder has the files that the sums name.
whole() { (cd "$1" 2>/dev/null && sha256sum --quiet --status -c "$sums" 2>/dev/null); }

if ! whole "$folder"; then
	make_venv "$folder"
	say "sherpa-onnx $version for $arch: 13 MB to download"
	pip download --quiet --progress-bar off --no-deps --only-binary :all: --platform "$platform" \
		--require-hashes -r wheel.txt -d "$work/wheel" >&2
	"$work/venv/bin/python" -m zipfile -e "$work"/wheel/*.whl "$work/unpacked"
	for f in lib/libonnxruntime.so lib/libsherpa-onnx-c-api.so include/sherpa-onnx/c-api/c-api.h; do
		mv "$work/unpacked/sherpa_onnx/$f" "$folder/"
	done
	if ! whole "$folder"; then
		say "the files of the package are not those of $sums"
		exit 1
	fi
fi
printf '%s\n' "$folder"
