#!/bin/sh
# install.sh install|uninstall PART...: installs what was built in
# bin/, or removes it. Both use the same list of files below.
#
# It builds nothing: make build does, and make engine. Outside of a DESTDIR, uninstall also
# does what the removal of the package does: it stops what runs, and removes the user, the
# links and the rights that the installation and make start-inputd made.
#
# PART is vocoder, inputd, engine or model-NAME. The folders are DESTDIR BINDIR LIBEXECDIR LIBDIR SHAREDIR
# SYSCONFDIR SYSTEMDDIR USERUNITDIR SYSTEMUNITDIR UDEVDIR MANDIR DOCDIR BASHDIR ZSHDIR
# FISHDIR DESKTOPDIR METAINFODIR ICONDIR, as the Makefile sets them. BIN has what was built.
set -eu
umask 022
cd "$(dirname "$0")/.."
action=$1
shift
here=packaging
bin=${BIN:-bin}
tmp=$bin/install.tmp
id=io.github.arealicehole.vocoder
version=$(cat internal/version/VERSION)

# need FILE...: fails if what is to be installed was not built.
need() {
	[ "$action" = install ] || return 0
	for file in "$@"; do
		if [ ! -e "$file" ]; then
			case $file in *engine* | */lib*) target=engine ;; *) target=build ;; esac
			echo "install.sh: $file is missing. Build it first, not as root: make $target" >&2
			exit 1
		fi
	done
}

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
		sed "s|@BINDIR@|$BINDIR|g; s|@LIBEXECDIR@|$LIBEXECDIR|g" "$1" > "$tmp"
	fi
	put "$tmp" "$2" 0644 "$(basename "$1")"
	rm -f "$tmp"
}

# manual PAGE FOLDER: a manual page, with the version in its last line.
manual() {
	if [ "$action" = install ]; then
		sed "s|^\.Os\$|.Os vocoder $version|" "$1" > "$tmp"
	fi
	put "$tmp" "$2" 0644 "$(basename "$1")"
	rm -f "$tmp"
}

# completion PROGRAM: its completion scripts for the shells.
completion() {
	put "$bin/completions/$1.bash" "$BASHDIR" 0644 "$1"
	put "$bin/completions/$1.zsh" "$ZSHDIR" 0644 "_$1"
	put "$bin/completions/$1.fish" "$FISHDIR" 0644 "$1.fish"
}

# release FILE FOLDER: the description for software centers, with the newest version.
release() {
	if [ "$action" = install ]; then
		day=$(sed -n 's/^## \[[^]]*\] - //p' CHANGELOG.md | head -n 1)
		sed "s|@VERSION@|$version|; s|@DATE@|$day|" "$1" > "$tmp"
	fi
	put "$tmp" "$2" 0644 "$(basename "$1")"
	rm -f "$tmp"
}

# page FILE FOLDER: a page whose links lead into the repository, which are its home then.
page() {
	if [ "$action" = install ]; then
		sed 's|](\.\./|](https://github.com/arealicehole/vocoder/blob/main/|g' "$1" > "$tmp"
	fi
	put "$tmp" "$2" 0644 "$(basename "$1")"
	rm -f "$tmp"
}

# own FOLDER...: folders that only vocoder uses; uninstall removes them if empty.
own() {
	if [ "$action" = uninstall ]; then
		for dir in "$@"; do rmdir "$DESTDIR$dir" 2> /dev/null || :; done
	fi
}

vocoder() {
	need "$bin/vocoder" "$bin/vocoderctl" "$bin/vocoder-osd" "$bin/completions/vocoder.bash" "$bin/copyright"
	put "$bin/vocoder" "$BINDIR" 0755
	put "$bin/vocoderctl" "$BINDIR" 0755
	put "$bin/vocoder-osd" "$BINDIR" 0755
	for u in vocoder.service vocoder@.service vocoder.socket vocoder-osd.service; do unit "$here/$u" "$USERUNITDIR"; done
	unit "$here/system/vocoder@.service" "$SYSTEMUNITDIR"
	shell=$(dirname "$SHAREDIR")/gnome-shell extension=vocoder@arealicehole.github.io
	for f in "$here/gnome/$extension"/*; do put "$f" "$shell/extensions/$extension"; done
	for d in 50-sandbox.conf 50-sandbox-direct.conf 60-strict.conf; do put "$here/$d" "$SHAREDIR/vocoder.service.d"; done
	put "$here/50-sandbox-osd.conf" "$SHAREDIR/vocoder-osd.service.d" 0644 50-sandbox.conf
	for page in vocoder.1 vocoderctl.1 vocoder-osd.1; do manual "$here/$page" "$MANDIR/man1"; done
	manual "$here/vocoder.yaml.5" "$MANDIR/man5"
	completion vocoder
	completion vocoderctl
	put "$here/desktop/$id.desktop" "$DESKTOPDIR"
	release "$here/desktop/$id.metainfo.xml" "$METAINFODIR"
	put "$here/desktop/$id.svg" "$ICONDIR"
	# Pages link to each other, so they keep their folders.
	for f in *.md docs/*.md docs/dev/*.md docs/pictures/* "$here/vocoder.yaml" internal/control/PROTOCOL.md e2e/README.md engine/README.md; do
		put "$f" "$DOCDIR/$(dirname "$f")"
	done
	put "$here/vocoder.yaml" "$DOCDIR"
	put "$bin/copyright" "$DOCDIR"
	own "$shell/extensions/$extension" "$shell/extensions" "$shell"
	own "$SHAREDIR/vocoder.service.d" "$SHAREDIR/vocoder-osd.service.d" "$SHAREDIR"
	for dir in docs/dev docs/pictures docs packaging internal/control internal e2e engine; do own "$DOCDIR/$dir"; done
	own "$DOCDIR"
}

# The helper that opens the devices. Its settings file belongs to the administrator:
# install does not replace it, and uninstall removes it only if it is as install wrote it.
inputd() {
	need "$bin/vocoder-inputd"
	put "$bin/vocoder-inputd" "$LIBEXECDIR" 0711
	for u in vocoder-inputd.service vocoder-inputd.socket; do unit "$here/inputd/$u" "$SYSTEMUNITDIR"; done
	put "$here/inputd/sysusers.conf" "$SYSTEMDDIR/sysusers.d" 0644 vocoder.conf
	put "$here/inputd/modules-load.conf" "$SYSTEMDDIR/modules-load.d" 0644 vocoder.conf
	put "$here/inputd/vocoder.preset" "$SYSTEMDDIR/systemd/system-preset" 0644 70-vocoder.preset
	put "$here/inputd/70-vocoder.rules" "$UDEVDIR"
	manual "$here/inputd/vocoder-inputd.8" "$MANDIR/man8"
	settings=$DESTDIR$SYSCONFDIR/vocoder/input.yaml
	if [ "$action" = install ]; then
		[ -e "$settings" ] || put "$here/inputd/input.yaml" "$SYSCONFDIR/vocoder"
	elif cmp -s "$here/inputd/input.yaml" "$settings"; then
		rm -f "$settings"
	elif [ -e "$settings" ]; then
		echo "$settings stays: it is not as it was installed" >&2
	fi
	own "$SYSCONFDIR/vocoder"
}

engine() {
	need "$bin/vocoder-engine" "$bin/libonnxruntime.so" "$bin/libsherpa-onnx-c-api.so" "$bin/completions/vocoder-engine.bash" "$bin/copyright-engine"
	put "$bin/vocoder-engine" "$BINDIR" 0755
	for lib in libonnxruntime.so libsherpa-onnx-c-api.so; do put "$bin/$lib" "$LIBDIR"; done
	for u in vocoder-engine.service vocoder-engine.socket; do unit "$here/$u" "$USERUNITDIR"; done
	put "$here/50-sandbox-engine.conf" "$SHAREDIR/vocoder-engine.service.d" 0644 50-sandbox.conf
	manual "$here/vocoder-engine.1" "$MANDIR/man1"
	completion vocoder-engine
	page engine/README.md "$DOCDIR-engine"
	put "$bin/copyright-engine" "$DOCDIR-engine" 0644 copyright
	put engine/licenses/onnxruntime-ThirdPartyNotices.txt "$DOCDIR-engine"
	own "$LIBDIR" "$SHAREDIR/vocoder-engine.service.d" "$SHAREDIR" "$DOCDIR-engine"
}

# model NAME: a model for all users.
model() {
	folder=$SHAREDIR/models/$1
	if [ "$action" = install ]; then
		need "${DATA:?}/$1"
		for file in "$DATA/$1"/*; do put "$file" "$folder"; done
	else
		rm -rf "$DESTDIR${folder:?}"
	fi
	put "$here/models/$1.copyright" "$DOCDIR-model-$1" 0644 copyright
	own "$DOCDIR-model-$1" "$SHAREDIR/models" "$SHAREDIR"
}

# package SCRIPT...: runs scripts of the packages as a removal does.
package() {
	[ "$action" = uninstall ] && [ -z "$DESTDIR" ] && [ "$(id -u)" = 0 ] || return 0
	for script in "$@"; do
		cat "$here/scripts/users.sh" "$here/scripts/$script" | sh -s remove
	done
}

package preremove.sh engine-preremove.sh
for part in "$@"; do
	case $part in
	vocoder | inputd | engine) "$part" ;;
	model-*) model "${part#model-}" ;;
	*) echo "install.sh: no part $part" >&2; exit 2 ;;
	esac
done
package postremove.sh engine-postremove.sh
