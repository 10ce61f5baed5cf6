#!/bin/sh
# Builds vocoder-engine with its libraries beside it, and fetches its model.
# What is there already is not fetched or built again, and needs no network.
#
#   engine/build.sh [FOLDER]     FOLDER for the program, default bin
set -eu
start=$(date +%s)
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
CGO_ENABLED=1 go build -trimpath -ldflags '-s -w' -o "$out/vocoder-engine.tmp" ./cmd/vocoder-engine
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

say "3/4 model (Moonshine tiny, English, 21.5 MB to download, once)"
# The package of its authors has the same files as the place from which models pull takes
# them. A builder reaches a package registry where it reaches nothing else.
if ! "$out/vocoder-engine" models verify moonshine-tiny-en >/dev/null 2>&1; then
	cache=${XDG_CACHE_HOME:-$HOME/.cache}/vocoder
	package=$cache/moonshine-js-0.1.29.tgz
	mkdir -p "$cache"
	if [ ! -f "$package" ] && command -v npm >/dev/null; then
		if (cd "$cache" && npm pack --silent @moonshine-ai/moonshine-js@0.1.29 >/dev/null); then
			mv "$cache/moonshine-ai-moonshine-js-0.1.29.tgz" "$package"
		fi
	fi
	if [ -f "$package" ]; then
		"$out/vocoder-engine" models pull moonshine-tiny-en --from "$package"
	else
		"$out/vocoder-engine" models pull moonshine-tiny-en
	fi
fi

say "4/4 check"
"$out/vocoder-engine" models verify moonshine-tiny-en
say "ready after $(($(date +%s) - start)) s: $out/vocoder-engine serve"
