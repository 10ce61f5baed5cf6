#!/bin/sh
# Puts Moonshine tiny for English into the store of vocoder-engine, and checks it. What is
# there already is not fetched again, and needs no network.
#
#   engine/model.sh PROGRAM
set -eu
engine=$1
say() { printf 'engine: %s\n' "$*" >&2; }

say "3/4 model (Moonshine tiny, English, 21.5 MB to download, once)"
# The package of its authors has the same files as the place from which models pull takes
# them. A builder reaches a package registry where it reaches nothing else.
if ! "$engine" models verify moonshine-tiny-en >/dev/null 2>&1; then
	cache=${XDG_CACHE_HOME:-$HOME/.cache}/vocoder
	package=$cache/moonshine-js-0.1.29.tgz
	mkdir -p "$cache"
	if [ ! -f "$package" ] && command -v npm >/dev/null; then
		if (cd "$cache" && npm pack --silent @moonshine-ai/moonshine-js@0.1.29 >/dev/null); then
			mv "$cache/moonshine-ai-moonshine-js-0.1.29.tgz" "$package"
		fi
	fi
	if [ -f "$package" ]; then
		"$engine" models pull moonshine-tiny-en --from "$package"
	else
		"$engine" models pull moonshine-tiny-en
	fi
fi

say "4/4 check"
"$engine" models verify moonshine-tiny-en
