#!/bin/bash
# bare.sh SUITE...: installs the packages of dist/ in a Debian that has nothing else, made by
# debootstrap, without a network: what they depend on is there. vocoder and the recognizer
# work, and a purge leaves each file as it was. Then rpm and pacman do the same with their
# packages; they run there without the packages of their distributions. It needs root.
set -euo pipefail
shopt -s extglob
cd "$(dirname "$0")/.."
clip=/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0930.wav
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
chmod 755 "$work"

# inside COMMANDS: runs them in the new Debian. Their processes end with them.
inside() {
	# shellcheck disable=SC2016,SC2086 # the inner shells expand it
	unshare ${network---net} --mount --pid --fork --kill-child sh -euc 'ip link set lo up; mount --bind "$1" "$1"; mount -t proc proc "$1/proc"
		exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive bash -euo pipefail -c "$2"' - "$root" "$1"
}

# quiet COMMAND...: prints what a command prints only if it fails.
quiet() { "$@" > "$work/log" 2>&1 || { tail -n 50 "$work/log" >&2; exit 1; }; }

# files: all files and their lengths, but those of the package managers and alice's.
files() {
	inside 'find / -xdev \( -path /proc -o -path /var/cache -o -path /var/log -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /root/.rpmdb -o -path /var/lib/rpm -o -path /var/lib/pacman -o -path /home \) -prune \
		-o \( -type d -printf "%M %u %g %p\n" -o -printf "%M %u %g %s %p\n" \) | sort'
}

# What a user does with the packages. alice has no settings: the recognizer is the one of this machine.
cat > "$work/try" <<'EOF'
#!/bin/bash
set -euo pipefail
vocoder --version
vocoder config check
vocoder-engine models list | grep used
vocoder-engine serve 2> engine.log &
for _ in {1..300}; do
	if vocoder transcribe /srv/clip.wav 2> error.log; then exit; fi
	sleep 0.2
done
cat engine.log error.log >&2
exit 1
EOF
chmod 755 "$work/try"

# check MANAGER INSTALL REMOVE
check() {
	files > "$work/before"
	began=$SECONDS
	quiet inside "cd /srv/packages && $2"
	echo "bare: $suite: $1 took $((SECONDS - began)) s"
	inside 'su - alice -c /srv/try' | tee "$work/said"
	grep -qi 'he might even have been made amiable himself' "$work/said"
	quiet inside "$3"
	files > "$work/after"
	if [ "$1" != apt ]; then sed -i '/^d/d' "$work/before" "$work/after"; fi # rpm leaves folders that Fedora's own packages have
	diff "$work/before" "$work/after"
	echo "bare: $suite: $1 leaves all $(wc -l < "$work/after") files as they were"
}

for suite in "$@"; do
	root=$work/$suite
	quiet unshare --mount debootstrap --variant=minbase "$suite" "$root"
	cp "$clip" "$root/srv/clip.wav"
	cp "$work/try" "$root/srv/"
	mkdir "$root/srv/packages"
	for name in vocoder vocoder-engine vocoder-model-moonshine-tiny-en; do
		cp dist/"$name"[_-][0-9]*[_.-]@(amd64|x86_64|all|noarch|any)@(.deb|.rpm|.pkg.tar.zst) "$root/srv/packages/"
	done
	inside 'useradd -m alice'
	mv "$root/etc/apt/sources.list" "$work/" # or apt wants to fetch what the packages recommend
	rm -r "$root/var/lib/apt/lists"
	check apt 'apt install -y ./vocoder*.deb && apt-get check && ! dpkg --audit | grep .' 'apt-get purge -y "vocoder*"'
	mv "$work/sources.list" "$root/etc/apt/"
	network='' quiet inside 'apt-get update && apt-get install -y --no-install-recommends rpm'
	# shellcheck disable=SC2016
	check rpm 'rpm -U --nodeps ./vocoder*.rpm' 'rpm -e $(rpm -qa "vocoder*")'
	network='' inside 'apt-get install -y --no-install-recommends pacman-package-manager' > "$work/log" 2>&1 || continue # Debian 13 has none
	sed -i 's/^CheckSpace//' "$root/etc/pacman.conf" # a chroot has no mount points
	# shellcheck disable=SC2016
	check pacman 'pacman -U --noconfirm --assume-installed glibc=9 --assume-installed gcc-libs=9 ./vocoder*.pkg.tar.zst' 'pacman -Rns --noconfirm $(pacman -Qq)'
done
