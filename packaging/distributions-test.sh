#!/bin/bash
# distributions-test.sh: builds vocoder as distributions do, out of the tarballs of this commit
# and without a network, with the tools of Debian: dpkg-buildpackage, rpmbuild and makepkg.
# They check the files and their list; the packages that they build from are not asked for,
# since Go is not one here. Nix only reads its files: nixpkgs is no package.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${SOURCE_DATE_EPOCH:?}"
version=$(cat internal/version/VERSION)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
packaging/sources.sh "$work"
packaging/distributions.sh "$work" "$work/files"
built() { printf 'distributions: %s: ' "$1" && shift && ls "$@"; }
# alone LOG COMMAND...: without a network, and with no modules of Go but those in vendor/.
alone() {
	local log=$1
	shift
	env -u GOARCH -u BIN GOMODCACHE="$work/none" GOPROXY=off GOFLAGS= unshare -n "$@" > "$log" 2>&1 || { tail -n 30 "$log" >&2; exit 1; }
}
unpack() { rm -rf "${work:?}/vocoder-$version" && tar -C "$work" -xzf "$work/vocoder-$version.tar.gz" && tar -C "$work/vocoder-$version" -xzf "$work/vocoder-$version-vendor.tar.gz"; }

unpack
if hash=$(nix --extra-experimental-features nix-command hash path "$work/vocoder-$version/vendor") && ! grep -qF "vendorHash = \"$hash\"" packaging/nix/package.nix; then
	echo "distributions: packaging/nix/package.nix needs vendorHash = \"$hash\"" >&2
	exit 1
fi
for file in packaging/nix/*.nix; do nix-instantiate --parse "$file" > /dev/null; done
# shellcheck disable=SC2016 # of Nix
nix-instantiate --eval --strict -E '
let
  flake = (import ./packaging/nix/flake.nix).outputs {
    self = flake;
    nixpkgs.lib.genAttrs = names: f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) names);
    nixpkgs.legacyPackages = builtins.listToAttrs (map (name: { inherit name; value.callPackage = file: args: import file ({
      bash = "/bash";
      go.version = "1.26.0";
      buildGoModule = x: x;
      lib = { assertMsg = x: m: x || throw m; versionAtLeast = a: b: builtins.compareVersions a b >= 0; fileContents = builtins.readFile; licenses.mit = "MIT"; };
    } // args); }) [ "x86_64-linux" "aarch64-linux" ]);
  };
  module = flake.nixosModules.default {
    pkgs.stdenv.hostPlatform.system = "aarch64-linux";
    config.services.vocoder = { enable = true; input = "allow: []"; package = "/package"; };
    lib = { mkEnableOption = x: x; mkOption = x: x; mkIf = c: x: x; types = { package = 0; lines = 0; }; };
  };
in assert module.config.users.users.vocoder-input.isSystemUser; assert module.options.services.vocoder.package.default.pname == "vocoder"; module.config' > /dev/null
echo "distributions: Nix reads package, module and flake"

cp -r "$work/files/debian" "$work/vocoder-$version/"
cd "$work/vocoder-$version"
alone "$work/deb.log" dpkg-buildpackage -d -b -us -uc
cd - > /dev/null
built dpkg-buildpackage "$work"/vocoder_*.deb
lintian --allow-root --fail-on error "$work"/vocoder_*.deb
# It has the same files as the package of a release, and names as many licenses.
diff <(dpkg -x "$work"/vocoder_*.deb "$work/deb" && cd "$work/deb" && find . -type f | sort) \
	<(DESTDIR=$work/same && make --no-print-directory install-vocoder install-inputd DESTDIR="$DESTDIR" PREFIX=/usr ZSHDIR=/usr/share/zsh/vendor-completions > /dev/null && cd "$DESTDIR" &&
		{ find . -type f | sed 's|^\(\./usr/share/man/.*\)|\1.gz|'; echo ./usr/share/doc/vocoder/changelog.Debian.gz; echo ./usr/share/lintian/overrides/vocoder; } | sort)
cmp bin/copyright "$work/vocoder-$version/bin/copyright"

alone "$work/rpm.log" rpmbuild -bb --nodeps --define "_topdir $work/rpm" --define "_sourcedir $work" "$work/files/vocoder.spec"
built rpmbuild "$work"/rpm/RPMS/*/vocoder-*.rpm
rpm -qp --scripts "$work"/rpm/RPMS/*/vocoder-*.rpm | grep -q 'systemctl preset vocoder-inputd.socket'

# makepkg refuses to run as root, so root has another number there. PACMAN: it asks for one even
# if it needs none.
mkdir "$work/arch"
cp "$work/files/PKGBUILD" "$work/files/vocoder.install" "$work"/vocoder-*.tar.gz "$work/arch/"
cd "$work/arch"
user=(--map-user=1000 --map-group=1000)
PACMAN=true alone "$work/arch.log" "${user[@]}" makepkg --nodeps
PACMAN=true unshare "${user[@]}" makepkg --printsrcinfo | grep "pkgver = $version"
built makepkg vocoder-*.pkg.tar.*
bash -n vocoder.install
