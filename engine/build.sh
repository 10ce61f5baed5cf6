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
sherpa=github.com/k2-fsa/sherpa-onnx-go-linux

if ! command -v "$(go env CC)" >/dev/null; then
	say "no C compiler, which the recognizer's library needs: apt-get install gcc libc6-dev"
	exit 1
fi

# Go fetches a module as a whole: watch the file grow.
say "1/4 libraries (sherpa-onnx and ONNX Runtime, 35 MB to download, once)"
if [ -z "$(go list -m -f '{{.Dir}}' $sherpa)" ]; then
	go list -deps ./cmd/vocoder-engine >/dev/null &
	fetch=$!
	trap 'kill $fetch 2>/dev/null || :' EXIT
	while kill -0 $fetch 2>/dev/null; do
		sleep 2
		got=$(cat "$(go env GOMODCACHE)/cache/download/$sherpa"/@v/*.zip* 2>/dev/null | wc -c)
		say "    $((got / 1000000)) of 35 MB"
	done
	trap - EXIT
	wait $fetch
fi

say "2/4 compile (about a minute the first time)"
mkdir -p "$out"
CGO_ENABLED=1 go build -trimpath -ldflags '-s -w' -o "$out/vocoder-engine.tmp" ./cmd/vocoder-engine
# shellcheck disable=SC2016 # the loader, not the shell, knows $ORIGIN
go run ./cmd/runpath "$out/vocoder-engine.tmp" '$ORIGIN:$ORIGIN/../lib/vocoder'
mv "$out/vocoder-engine.tmp" "$out/vocoder-engine"
case $(go env GOARCH) in
amd64) target=x86_64-unknown-linux-gnu ;;
arm64) target=aarch64-unknown-linux-gnu ;;
arm) target=arm-unknown-linux-gnueabihf ;;
*) say "sherpa-onnx has no library for $(go env GOARCH)"; exit 1 ;;
esac
for lib in libonnxruntime.so libsherpa-onnx-c-api.so; do
	from=$(go list -m -f '{{.Dir}}' $sherpa)/lib/$target/$lib
	if ! cmp -s "$from" "$out/$lib"; then
		install -m 644 "$from" "$out/$lib.tmp"
		mv "$out/$lib.tmp" "$out/$lib"
	fi
done

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
