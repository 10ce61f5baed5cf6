#!/bin/sh
# package.sh PART...: makes dist/*.deb, *.rpm, *.apk and *.pkg.tar.zst from what was
# built in bin/. PART is vocoder, with the helper that opens the devices, or engine.
# The same sources give the same bytes: every time stamp in the packages is
# SOURCE_DATE_EPOCH.
set -eu
umask 022
cd "$(dirname "$0")/.."
: "${SOURCE_DATE_EPOCH:?}"
PACKAGE_VERSION=$(cat internal/version/VERSION)
PACKAGE_ARCH=$(go env GOARCH)
export PACKAGE_ARCH PACKAGE_VERSION SOURCE_DATE_EPOCH

rm -rf dist/root dist/zsh dist/etc dist/scripts
mkdir -p dist/scripts
rm -f dist/*.deb dist/*.rpm dist/*.apk dist/*.pkg.tar.zst
for script in packaging/scripts/*install.sh packaging/scripts/*remove.sh; do
	{ printf '#!/bin/sh\nset -e\n'; cat packaging/scripts/users.sh "$script"; } > "dist/scripts/$(basename "$script")"
done
for part in "$@"; do
	case $part in vocoder) targets="install-vocoder install-inputd" ;; *) targets="install-$part" ;; esac
	# Debian has a different folder for completions of zsh, and files in /etc belong
	# to the administrator.
	# shellcheck disable=SC2086 # one or more targets
	make --no-print-directory $targets DESTDIR="$PWD/dist/root/$part" PREFIX=/usr ZSHDIR=/zsh
	mkdir -p dist/zsh
	mv "dist/root/$part/zsh" "dist/zsh/$part"
	if [ -d "dist/root/$part/etc" ]; then mv "dist/root/$part/etc" dist/etc; fi
	find dist/root dist/zsh dist/scripts -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
	case $part in vocoder) config=nfpm.yaml ;; *) config=nfpm-$part.yaml ;; esac
	for format in deb rpm apk archlinux; do
		go tool -modfile=tools.mod nfpm package --config "packaging/$config" --packager "$format" --target dist/
	done
done
rm -rf dist/root dist/zsh dist/etc dist/scripts
