#!/bin/bash
# distributions.sh SOURCES FOLDER: writes what distributions describe a package with into a
# folder, for the tarballs in SOURCES: PKGBUILD with vocoder.install, vocoder.spec and debian/.
# make build comes before, for the licenses.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."
version=$(cat internal/version/VERSION)
sources=$(realpath "$1") to=$2
: "${SOURCE_DATE_EPOCH:?}"
maintainer=$(sed -n 's/^maintainer: //p' packaging/nfpm.yaml)
rm -rf "$to"
mkdir -p "$to"
cp -r packaging/distributions/. "$to/"
sum() { sha256sum < "$sources/vocoder-$version$1.tar.gz" | cut -d' ' -f1; }
sed -i "s|@VERSION@|$version|g; s|@SOURCES@|$(sum '')|g; s|@VENDOR@|$(sum -vendor)|g; s|@LICENSE@|$(cat bin/license)|g; s|@MAINTAINER@|$maintainer|g
	s|@RPMDATE@|$(date -u -d "@$SOURCE_DATE_EPOCH" '+%a %b %d %Y')|g" "$to/PKGBUILD" "$to/vocoder.spec" "$to/debian/control"
script() { cat packaging/scripts/users.sh "packaging/scripts/$1"; }
for name in postinstall preremove postremove; do
	script $name.sh | sed 's/%/%%/g' > "$to/script"
	sed -i -e "/^@SCRIPT $name@\$/{r $to/script" -e 'd}' "$to/vocoder.spec"
done
rm "$to/script"
for hook in post_install:postinstall post_upgrade:postinstall pre_remove:preremove post_remove:postremove; do
	printf '%s() {\n' "${hook%:*}"
	script "${hook#*:}.sh"
	printf '}\n'
done > "$to/vocoder.install"
for hook in postinst:postinstall prerm:preremove postrm:postremove; do
	{ printf '#!/bin/sh\nset -e\n'; script "${hook#*:}.sh"; printf '#DEBHELPER#\n'; } > "$to/debian/vocoder.${hook%:*}"
done
cp bin/copyright "$to/debian/copyright"
printf 'vocoder (%s-1) unstable; urgency=medium\n\n  * New version: see CHANGELOG.md in /usr/share/doc/vocoder.\n\n -- %s  %s\n' \
	"$version" "$maintainer" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" > "$to/debian/changelog"
