#!/bin/sh
# Builds vocoder-engine with its libraries beside it, and fetches its model.
# What is there already is not fetched or built again, and needs no network.
#
#   engine/build.sh [--no-model] [FOLDER]     FOLDER for the program, default bin
set -eu
start=$(date +%s)
model=yes
if [ "${1:-}" = --no-model ]; then model=no && shift; fi
case "${1:-bin}" in /*) out=$1 ;; *) out=$PWD/${1:-bin} ;; esac
cd "$(dirname "$0")"
say() { printf 'engine: %s\n' "$*" >&2; }

if ! command -v "$(go env CC)" >/dev/null; then
	say "no C compiler, which the binding of the recognizer's library needs: apt-get install gcc libc6-dev"
	exit 1
fi

say "1/4 libraries (sherpa-onnx and ONNX Runtime, 13 MB to download, once)"
libraries=$(library/fetch.sh)

say "2/4 compile (about a minute the first time)"
mkdir -p "$out"
CGO_ENABLED=1 go build -trimpath -buildvcs=false -buildmode=pie -ldflags '-s -w' -o "$out/vocoder-engine.tmp" ./cmd/vocoder-engine
mv "$out/vocoder-engine.tmp" "$out/vocoder-engine"
for lib in libonnxruntime.so libsherpa-onnx-c-api.so; do
	if ! cmp -s "$libraries/$lib" "$out/$lib"; then
		install -m 644 "$libraries/$lib" "$out/$lib.tmp"
		mv "$out/$lib.tmp" "$out/$lib"
	fi
done

if [ "$(go env GOARCH)" != "$(go env GOHOSTARCH)" ]; then
	say "built for $(go env GOARCH); the model is the same for all processors"
	exit 0
fi
if [ "$model" = no ]; then exit 0; fi

./model.sh "$out/vocoder-engine"
say "ready after $(($(date +%s) - start)) s: $out/vocoder-engine serve"
