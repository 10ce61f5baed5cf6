#!/bin/sh
# install.sh install|uninstall PART...: installs what was built in
# bin/, or removes it. Both use the same list of files below.
#
# PART is vocoder, inputd or engine. The folders are DESTDIR BINDIR LIBEXECDIR LIBDIR SHAREDIR
# SYSCONFDIR SYSTEMDDIR USERUNITDIR SYSTEMUNITDIR UDEVDIR MANDIR DOCDIR BASHDIR ZSHDIR
# FISHDIR, as the Makefile sets them.
set -eu
umask 022
cd "$(dirname "$0")/.."
action=$1
shift
here=packaging

# put SOURCE FOLDER [MODE [NAME]]
put() {
	to=$DESTDIR$2/${4:-$(basename "$1")}
	if [ "$action" = uninstall ]; then
		rm -f "$to"
		return
	fi
	mkdir -p "$DESTDIR$2"
	install -m "${3:-0644}" "$1" "$to"
}

# unit SOURCE FOLDER: a unit, with the folder of the programs filled in.
unit() {
	if [ "$action" = install ]; then
		sed "s|@BINDIR@|$BINDIR|g; s|@LIBEXECDIR@|$LIBEXECDIR|g" "$1" > bin/unit.tmp
	fi
	put bin/unit.tmp "$2" 0644 "$(basename "$1")"
	rm -f bin/unit.tmp
}

# complete PROGRAM: the completion scripts that it prints for the shells.
complete() {
	for shell in bash zsh fish; do
		if [ "$action" = install ]; then
			"bin/$1" completion "$shell" > bin/completion.tmp
		fi
		case $shell in
		bash) put bin/completion.tmp "$BASHDIR" 0644 "$1" ;;
		zsh) put bin/completion.tmp "$ZSHDIR" 0644 "_$1" ;;
		fish) put bin/completion.tmp "$FISHDIR" 0644 "$1.fish" ;;
		esac
	done
	rm -f bin/completion.tmp
}

# own FOLDER...: folders that only vocoder uses; uninstall removes them if empty.
own() {
	if [ "$action" = uninstall ]; then
		for dir in "$@"; do rmdir "$DESTDIR$dir" 2> /dev/null || :; done
	fi
}

vocoder() {
	put bin/vocoder "$BINDIR" 0755
	put bin/vocoderctl "$BINDIR" 0755
	for u in vocoder.service vocoder@.service vocoder.socket; do unit "$here/$u" "$USERUNITDIR"; done
	unit "$here/system/vocoder@.service" "$SYSTEMUNITDIR"
	for d in 50-sandbox.conf 50-sandbox-direct.conf 60-strict.conf; do put "$here/$d" "$SHAREDIR/vocoder.service.d"; done
	for page in vocoder.1 vocoderctl.1; do put "$here/$page" "$MANDIR/man1"; done
	put "$here/vocoder.yaml.5" "$MANDIR/man5"
	complete vocoder
	complete vocoderctl
	# Pages link to each other, so they keep their folders.
	for f in *.md docs/*.md docs/dev/*.md docs/pictures/* "$here/vocoder.yaml" internal/control/PROTOCOL.md e2e/README.md engine/README.md; do
		put "$f" "$DOCDIR/$(dirname "$f")"
	done
	put "$here/vocoder.yaml" "$DOCDIR"
	put LICENSE "$DOCDIR" 0644 copyright
	put bin/LICENSES "$DOCDIR"
	own "$SHAREDIR/vocoder.service.d" "$SHAREDIR"
	for dir in docs/dev docs/pictures docs packaging internal/control internal e2e engine; do own "$DOCDIR/$dir"; done
	own "$DOCDIR"
}

# The helper that opens the devices. Its settings file belongs to the
# administrator: install does not replace it and uninstall does not remove it.
inputd() {
	put bin/vocoder-inputd "$LIBEXECDIR" 0711
	for u in vocoder-inputd.service vocoder-inputd.socket; do unit "$here/inputd/$u" "$SYSTEMUNITDIR"; done
	put "$here/inputd/sysusers.conf" "$SYSTEMDDIR/sysusers.d" 0644 vocoder.conf
	put "$here/inputd/modules-load.conf" "$SYSTEMDDIR/modules-load.d" 0644 vocoder.conf
	put "$here/inputd/70-vocoder.rules" "$UDEVDIR"
	put "$here/inputd/vocoder-inputd.8" "$MANDIR/man8"
	if [ "$action" = install ] && [ ! -e "$DESTDIR$SYSCONFDIR/vocoder/input.yaml" ]; then
		put "$here/inputd/input.yaml" "$SYSCONFDIR/vocoder"
	fi
}

engine() {
	put bin/vocoder-engine "$BINDIR" 0755
	for lib in libonnxruntime.so libsherpa-onnx-c-api.so; do put "bin/$lib" "$LIBDIR"; done
	for u in vocoder-engine.service vocoder-engine.socket; do unit "$here/$u" "$USERUNITDIR"; done
	put "$here/50-sandbox-engine.conf" "$SHAREDIR/vocoder-engine.service.d" 0644 50-sandbox.conf
	put "$here/vocoder-engine.1" "$MANDIR/man1"
	complete vocoder-engine
	put engine/README.md "$DOCDIR-engine"
	put LICENSE "$DOCDIR-engine" 0644 copyright
	put bin/LICENSES-engine "$DOCDIR-engine" 0644 LICENSES
	own "$LIBDIR" "$SHAREDIR/vocoder-engine.service.d" "$SHAREDIR" "$DOCDIR-engine"
}

for part in "$@"; do
	case $part in
	vocoder | inputd | engine) "$part" ;;
	*) echo "install.sh: no part $part" >&2; exit 2 ;;
	esac
done
