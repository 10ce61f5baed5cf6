#!/bin/bash
# lint.sh: lintian and rpmlint on the packages in dist/, and the checks of desktop file and
# description. packaging/lintian and packaging/rpmlint.toml have what is meant to be so, with
# the reasons. namcap, for Arch, is no package of Debian.
set -euo pipefail
cd "$(dirname "$0")/.."
status=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
lintian --allow-root --fail-on error,warning dist/*.deb || status=1
# The names in these packages begin with /, and rpmlint unpacks them with cpio: it must not
# write them there.
printf '#!/bin/sh\nexec %s --no-absolute-filenames "$@"\n' "$(command -v cpio)" > "$work/cpio"
chmod +x "$work/cpio"
PATH="$work:$PATH" rpmlint -c packaging/rpmlint.toml dist/*.rpm || status=1
for file in packaging/desktop/*.desktop; do desktop-file-validate "$file" || status=1; done
metainfo=$(basename packaging/desktop/*.metainfo.xml)
sed 's/@VERSION@/1.0.0/; s/@DATE@/2026-01-01/' "packaging/desktop/$metainfo" > "$work/$metainfo"
appstreamcli validate --no-net "$work/$metainfo" || status=1
exit $status
