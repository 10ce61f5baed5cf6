#!/bin/bash
# package.sh PART...: makes dist/*.deb, *.rpm and *.pkg.tar.zst from what was built in $BIN, for
# the processor $GOARCH. PART is vocoder, with the helper that opens the devices, engine, or
# model-NAME, whose files are in $DATA.
#
# The same sources give the same bytes: every time stamp in the packages is
# SOURCE_DATE_EPOCH.
set -euo pipefail
export LC_ALL=C
umask 022
cd "$(dirname "$0")/.."
: "${SOURCE_DATE_EPOCH:?}"
bin=${BIN:-bin}
PACKAGE_VERSION=$(cat internal/version/VERSION)
export PACKAGE_VERSION SOURCE_DATE_EPOCH
# Tools run here, whatever the packages are for.
tool() { env -u GOARCH -u CC "$@"; }
arch=${GOARCH:-$(tool go env GOARCH)}
work=dist/work

# license PART: its license in one line.
license() {
	case $1 in
	vocoder) cat "$bin/license" ;;
	engine) cat "$bin/license-engine" ;;
	*) sed -n 's/^License: //p' "packaging/models/${1#model-}.copyright" ;;
	esac
}

# libc FILE...: the version of the C library that programs and libraries need.
libc() { { readelf -VW "$@" 2> /dev/null || :; } | { grep -o 'GLIBC_[0-9.]*' || :; } | sort -uV | tail -n 1 | sed 's/GLIBC_//'; }

# about FORMAT CONFIG: the configuration for nfpm, filled in. A description begins with the
# summary, which RPM has in a field of its own, and Arch has alone.
about() {
	sed "s|@LICENSE@|$license|; s|@LIBC@|$LIBC|g; s|@SUMMARY@|$summary|" "$2" | awk -v format="$1" '
		/^[^ ]/ { line = 0 }
		/^description:/ { line = 1; print; next }
		line { line++; if (format == "rpm" && line == 2 || format == "archlinux" && line > 2) next }
		{ print }'
}

# contents FORMAT FOLDER: the files below a folder, for nfpm. The package has the folders that
# are vocoder's own, and those of programs that may not be there, which rpm would leave. A file
# in /etc belongs to the administrator.
contents() {
	echo contents:
	(cd "$2" && find . -type f | sort) | sed 's/^\.//' | while read -r file; do
		to=$file type=
		case $1:$file in
		*:/etc/*) type='config|noreplace' ;;
		deb:/usr/share/zsh/*) to=/usr/share/zsh/vendor-completions/$(basename "$file") ;;
		rpm:/usr/share/doc/*/copyright) type=license ;;
		rpm:/usr/share/doc/* | rpm:/usr/share/man/*) type=doc ;;
		esac
		printf '  - src: %s%s\n    dst: %s\n' "$2" "$file" "$to"
		[ -z "$type" ] || printf '    type: %s\n' "$type"
	done
	(cd "$2" && find . -type d \( -path '*/vocoder*' -o -path '*/gnome-shell*' -o -path '*/fish*' \) | sort) | sed 's/^\.//' | while read -r dir; do
		printf '  - dst: %s\n    type: dir\n    file_info: {mode: 0755}\n' "$dir"
	done
	if [ "$1" = deb ] && [ -f "packaging/lintian/$name" ]; then
		printf '  - src: %s\n    dst: /usr/share/lintian/overrides/%s\n' "$work/lintian" "$name"
	fi
}

rm -rf "$work"
mkdir -p "$work"
for script in packaging/scripts/*install.sh packaging/scripts/*remove.sh; do
	{ printf '#!/bin/sh\nset -e\n'; cat packaging/scripts/users.sh "$script"; } > "$work/$(basename "$script")"
done
printf -- '- semver: %s\n  date: %s\n  packager: %s\n  deb: {urgency: medium, distributions: [unstable]}\n  changes: [{note: "New version: see CHANGELOG.md in /usr/share/doc/vocoder."}]\n' \
	"$PACKAGE_VERSION" "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)" "$(sed -n 's/^maintainer: //p' packaging/nfpm.yaml)" > "$work/changelog.yaml"
for part in "$@"; do
	root=$work/$part
	PACKAGE_ARCH=$arch
	config=packaging/nfpm-$part.yaml name=vocoder-$part targets=install-$part LIBC="" summary=""
	case $part in
	vocoder) config=packaging/nfpm.yaml name=vocoder targets="install-vocoder install-inputd" ;;
	engine)
		LIBC=$(libc "$bin/vocoder-engine" "$bin"/lib*.so)
		[ -n "$LIBC" ] || { echo "package.sh: $bin/vocoder-engine is no program of this C library" >&2; exit 1; }
		;;
	model-*)
		config=packaging/nfpm-model.yaml PACKAGE_ARCH=all MODEL=${part#model-}
		summary="Speech model $(sed -n 's/^Upstream-Name: \(.*\), \(.*\)/\1 (\2)/p' "packaging/models/$MODEL.copyright") for vocoder-engine"
		export MODEL
		;;
	esac
	export PACKAGE_ARCH
	# shellcheck disable=SC2086 # one or more targets
	make --no-print-directory $targets DESTDIR="$PWD/$root" PREFIX=/usr
	find "$root" -path '*/man/*' -type f -exec gzip -9n {} +
	if [ -f "packaging/lintian/$name" ]; then cp "packaging/lintian/$name" "$work/lintian"; fi
	find "$work" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
	case $PACKAGE_ARCH in amd64) other=x86_64 ;; arm64) other=aarch64 ;; *) other="[na]*" ;; esac
	# shellcheck disable=SC2086 # a pattern
	rm -f dist/"$name"_[0-9]*_"$PACKAGE_ARCH".deb dist/"$name"-[0-9]*.$other.rpm dist/"$name"-[0-9]*-$other.pkg.tar.zst
	license=$(license "$part")
	for format in deb rpm archlinux; do
		{ about "$format" "$config"; contents "$format" "$root"; } > "$work/nfpm.yaml"
		tool go tool -modfile=tools.mod nfpm package --config "$work/nfpm.yaml" --packager "$format" --target dist/
	done
done
rm -rf "$work"
