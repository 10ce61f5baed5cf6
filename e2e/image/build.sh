#!/bin/bash
# build.sh: builds the test machine from Debian packages and prints the folder it
# is in: vmlinux, initrd.gz, root.qcow2 and id_ed25519 (the key to its ssh).
#
# The folder is ${XDG_CACHE_HOME:-~/.cache}/vocoder/machine/HASH, where HASH is
# over everything here that goes in; if it is there, nothing is done. The
# unpacked packages, which cost most, are kept beside it by the hash of their
# list alone, so a change to overlay/ takes seconds. Remove the cache to get the
# packages' newest versions.
#
# SUITE     the Debian release of the machine: bookworm (default) or trixie
# WITH      what the machine has in addition, and has twice the size for:
#           desktops (GNOME and KDE; trixie then) or applications (browsers, editors)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"
with=${WITH:-}
case $with in
  '' | applications) suite=${SUITE:-bookworm} ;;
  desktops) suite=${SUITE:-trixie} ;;
  *) echo "build.sh: WITH=$with: want desktops or applications" >&2; exit 2 ;;
esac
name=${with:-$suite} lists=(packages.txt ${with:+"packages-$with.txt"}) overlays=(overlay)
[ ! -d "overlay-$with" ] || overlays+=("overlay-$with")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vocoder/machine
began=$EPOCHREALTIME
step() { awk -v a="$began" -v b="$EPOCHREALTIME" -v s="$*" 'BEGIN { printf "[%6.1f s] %s\n", b - a, s }' >&2; }
die() { echo "build.sh: $*" >&2; exit 1; }
size() { du -m --apparent-size -s "$1" | cut -f1; }

digest() { # of names, modes and contents of the files named
  find "$@" -type f -printf '%p %m\n' | LC_ALL=C sort | while read -r f mode; do
    echo "$f $mode $(sha256sum < "$f")"
  done | sha256sum | cut -c1-16
}
packages=$(sed 's/#.*//' "${lists[@]}" | xargs | tr ' ' ,)
base=$cache/base-$suite-$(printf '%s\n' "$suite" "$packages" | sha256sum | cut -c1-16)
out=$cache/$name-$(digest build.sh kernel.sh "${lists[@]}" "${overlays[@]}")

mkdir -p "$cache"
exec 9> "$cache/$name.lock"
if ! flock -n 9; then
  step "another build is at work on $cache; waiting for it"
  flock 9
fi
if [ -d "$out" ]; then
  echo "$out"
  exit 0
fi
./deps.sh
if [ "$(id -u)" -ne 0 ]; then
  # Root of a user namespace is enough; newuidmap and a range in /etc/subuid are needed for that.
  [ -z "${VOCODER_UNSHARED:-}" ] || die "no root in the user namespace either"
  command -v newuidmap > /dev/null && grep -q "^$(id -un):" /etc/subuid ||
    die "run this as root, or install uidmap and give $(id -un) a range in /etc/subuid and /etc/subgid"
  VOCODER_UNSHARED=1 exec mmdebstrap --unshare-helper "$here/build.sh"
fi

# sources prints one-line apt sources for the machine's suite, at the place
# where this host gets its own packages.
sources() {
  local host
  host=$(. /etc/os-release; echo "${VERSION_CODENAME:-}")
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) main' 'Created-By: Packages' 'Component: main' 'Origin: Debian' |
    grep -E " $host(-updates|-security)? main\$" | sort -u | sed "s/ $host/ $suite/"
}

# The tree of packages and the kernel's package, from the network.
fetch() {
  local part=$base.part list
  mapfile -t list < <(sources)
  [ ${#list[@]} -gt 0 ] || die "this host's apt knows no Debian archive; build the machine on Debian"
  rm -rf "$part"
  mkdir -p "$part/root"
  step "fetching $suite: about 360 MB of Debian packages, 1 GB unpacked; two minutes on two cores"
  # The hook fetches the kernel by the new system's own lists, without
  # installing it: it would bring a boot loader and initramfs tools.
  mmdebstrap --mode=root --variant=minbase --include="$packages" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
    --aptopt='Acquire::Retries "3"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='force-unsafe-io' \
    --customize-hook='cd "'"$part"'" && export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" &&
      p=$(apt-cache depends linux-image-amd64 | sed -n "s/.*Depends: //p" | head -n1) &&
      apt-get -q download "$p" && mv "$p"_*.deb kernel.deb' \
    "$suite" "$part/root" "${list[@]}" 2>&1 | while IFS= read -r line; do
      case $line in *customize-hook*) step "  fetching the kernel" ;; I:*) step "  ${line#I: }" ;; [EW]:*) echo "$line" >&2 ;; esac
    done
  [ -f "$part/kernel.deb" ] || die "no kernel package came"
  step "packages unpacked: $(size "$part/root") MB; packing them for the next time"
  tar -C "$part/root" --numeric-owner --xattrs -c . | zstd -q -T0 -3 -o "$part/root.tar.zst"
  rm -rf "$part/root"
  mv "$part" "$base"
  step "kept in $base: $(size "$base") MB"
}

assemble() { # into the folder $1
  local part=$1 work=$1/work version room
  mkdir -p "$work/root"
  ssh-keygen -q -t ed25519 -N '' -C machine -f "$part/id_ed25519"
  version=$(./kernel.sh "$base/kernel.deb" "$part")
  step "kernel $version: vmlinux $(size "$part/vmlinux") MB"
  tar -C "$work/root" --zstd --numeric-owner --xattrs -xpf "$base/root.tar.zst"
  mkdir -p "$work/root/usr/lib/modules"
  mv "$part/modules" "$work/root/usr/lib/modules/$version"
  for o in "${overlays[@]}"; do cp -a "$o/." "$work/root/"; done
  chown -R 0:0 "$work/root/etc" "$work/root/usr/local/lib/machine"
  install -d -m 700 "$work/root/root/.ssh"
  install -m 600 "$part/id_ed25519.pub" "$work/root/root/.ssh/authorized_keys"
  for c in "$work/root/usr/local/lib/machine"/configure*; do chroot "$work/root" "${c#"$work/root"}"; done
  step "configured"
  room=$(($(du -sm "$work/root" | cut -f1) + 700))
  truncate -s "${room}M" "$work/root.ext4"
  mke2fs -q -t ext4 -O ^has_journal,^metadata_csum -m 0 -d "$work/root" "$work/root.ext4"
  qemu-img convert -O qcow2 "$work/root.ext4" "$part/root.qcow2"
  rm -rf "$work"
}

[ -d "$base" ] || fetch
step "building the image: 1.2 GB on disk, about a minute"
part=$out.part
rm -rf "$part"
mkdir "$part"
assemble "$part"
mv "$part" "$out"
# The one before stays, for who goes to and fro between two branches.
ls -dt "$cache/$name"-* | tail -n +3 | xargs -r rm -rf
step "built: root.qcow2 $(size "$out/root.qcow2") MB in $out"
echo "$out"
