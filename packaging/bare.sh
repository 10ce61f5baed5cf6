#!/bin/bash
# bare.sh SUITE...: installs the packages of dist/ in a Debian that has nothing else, made by
# debootstrap, without a network: what they depend on is there. vocoder and the recognizer
# work; a purge leaves each file as it was. It needs root.
set -euo pipefail
shopt -s extglob
cd "$(dirname "$0")/.."
clip=/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-0930.wav
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
chmod 755 "$work"

# inside COMMANDS: runs them in the new Debian. Their processes end with them.
inside() {
	# shellcheck disable=SC2016 # the inner shells expand it
	unshare --net --mount --pid --fork --kill-child sh -euc 'ip link set lo up; mount -t proc proc "$1/proc"
		exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive bash -euo pipefail -c "$2"' - "$root" "$1"
}

# files: all files and their lengths, but the package manager's own and alice's.
files() {
	inside 'find / -xdev \( -path /proc -o -path /var/cache -o -path /var/log -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /home \) -prune \
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

for suite in "$@"; do
	root=$work/$suite
	unshare --mount debootstrap --variant=minbase "$suite" "$root" > "$work/log" || { tail -n 30 "$work/log" >&2; exit 1; }
	rm -r "$root/etc/apt/sources.list" "$root/var/lib/apt/lists"
	cp "$clip" "$root/srv/clip.wav"
	cp "$work/try" "$root/srv/"
	mkdir "$root/srv/packages"
	for name in vocoder vocoder-engine vocoder-model-moonshine-tiny-en; do cp dist/"$name"_[0-9]*_@("$(dpkg --print-architecture)"|all).deb "$root/srv/packages/"; done
	inside 'useradd -m alice'
	files > "$work/before"
	began=$SECONDS
	inside 'cd /srv/packages && apt install -y ./vocoder*.deb' > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
	echo "bare: $suite: apt took $((SECONDS - began)) s"
	inside 'apt-get check -q && ! dpkg --audit | grep . && su - alice -c /srv/try' | tee "$work/said"
	grep -qi 'he might even have been made amiable himself' "$work/said"
	inside 'apt-get purge -y "vocoder*"' > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
	files > "$work/after"
	diff "$work/before" "$work/after"
	echo "bare: $suite: all $(wc -l < "$work/after") files and folders are as they were before"
done
