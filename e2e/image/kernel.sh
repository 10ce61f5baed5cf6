#!/bin/bash
# kernel.sh DEB DIR: unpacks a Debian kernel package into DIR/{vmlinux,initrd.gz,modules}.
# No boot loader, no initramfs-tools: QEMU starts vmlinux itself, and a busybox
# finds the root file system.
set -euo pipefail
deb=$1 dir=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

dpkg-deb -x "$deb" "$work/deb"
[ -d "$work/deb/lib" ] || ln -s usr/lib "$work/deb/lib"
modules=$(echo "$work"/deb/lib/modules/*)
version=$(basename "$modules")

# The compressed kernel inside a bzImage, by the header that
# docs.kernel.org/arch/x86/boot.html describes.
field() { od -An -j "$1" -N "$2" -t "u$2" "$image" | tr -d ' '; }
image=$work/deb/boot/vmlinuz-$version
start=$((($(field $((0x1f1)) 1) + 1) * 512 + $(field $((0x248)) 4)))
length=$(field $((0x24c)) 4)
payload() { tail -c +$((start + 1)) "$image" | head -c "$length"; }
# All but gzip are followed by the length, which their programs take for rubbish.
case $(payload | head -c 4 | od -An -tx1 | tr -d ' ') in
  fd377a58) unpack="xz -dc --single-stream" ;;
  28b52ffd) unpack="zstd -dcq" ;;
  1f8b*) unpack="gzip -dc" ;;
  *) echo "kernel.sh: $image is packed in a way this script does not know" >&2; exit 1 ;;
esac
payload | $unpack > "$dir/vmlinux" 2> /dev/null || true
if [ "$(head -c 4 "$dir/vmlinux" | od -An -tx1 | tr -d ' ')" != 7f454c46 ]; then
  echo "kernel.sh: no ELF file in $image" >&2
  exit 1
fi

# Drivers of hardware that no machine of QEMU has.
(cd "$modules/kernel" && rm -rf drivers/gpu/drm/{amd,radeon,nouveau,i915,xe,gma500,vmwgfx} \
  drivers/net/{wireless,ethernet,usb,can,wwan} \
  drivers/{infiniband,media,scsi,staging,iio,mtd,isdn,ata,edac,hwmon,comedi,bluetooth,nvme,target,md} \
  fs/{xfs,btrfs,bcachefs,ocfs2,gfs2,nfs,nfsd,cifs,smb,ceph,f2fs,jfs,reiserfs,ubifs,nilfs2,afs,dlm} \
  net/{wireless,mac80211,sctp,bluetooth,tipc,rxrpc,ceph,openvswitch,dccp,batman-adv} sound/{soc,isa,firewire})
depmod -b "$work/deb" "$version"
cp -a "$modules" "$dir/modules"

root=$work/initrd
mkdir -p "$root"/{bin,dev,proc,sys,mnt,lib}
cp "$(command -v busybox)" "$root/bin/busybox"
for m in crc32c_generic virtio_pci virtio_blk ext4; do
  # A module that is built in has nothing to load.
  modprobe -d "$work/deb" -S "$version" --show-depends "$m" 2> /dev/null || true
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' > "$work/list"
while read -r f; do
  name=$(basename "${f%.xz}")
  case $f in *.xz) xz -dc "$f" ;; *) cat "$f" ;; esac > "$root/lib/$name"
  echo "/lib/$name"
done < "$work/list" > "$root/modules"
cat > "$root/init" <<'INIT'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t devtmpfs dev /dev 2>/dev/null
$b mount -t sysfs sys /sys
while read -r m; do $b insmod $m; done < /modules
# The disk is found by the driver that was just loaded, a moment later.
n=0; while [ ! -b /dev/vda ] && [ $n -lt 100 ]; do $b usleep 50000; n=$((n+1)); done
$b mount -t ext4 -o rw,noatime /dev/vda /mnt || exec $b sh
$b umount /proc; $b umount /sys
$b mount --move /dev /mnt/dev
exec $b switch_root /mnt /lib/systemd/systemd
INIT
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) > "$dir/initrd.gz"
echo "$version"
