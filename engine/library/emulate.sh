#!/bin/sh
# Runs a program for arm64 on another processor, with qemu-user and the libraries of
# Debian's libc6-arm64-cross. ONNX Runtime's description of the processor crashes on that
# of another kind in /proc/cpuinfo and /sys, so it gets that of a Cortex-A72. What the
# program starts is not emulated: run vocoder-engine's worker, or a test.
#
#   engine/library/emulate.sh PROGRAM [ARGUMENT...]
set -eu
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
trap 'exit 1' HUP INT TERM
ln -s /usr/aarch64-linux-gnu/lib "$root/lib"
cpus=$root/sys/devices/system/cpu
mkdir -p "$root/proc" "$cpus/cpu0/topology"
for f in possible present kernel_max cpu0/topology/cluster_cpus_list cpu0/topology/physical_package_id; do echo 0 > "$cpus/$f"; done
for i in 0 1 2 3; do
	mkdir -p "$cpus/cpu0/cache/index$i"
	echo 0 > "$cpus/cpu0/cache/index$i/shared_cpu_list"
	echo $((i + 1)) > "$cpus/cpu0/cache/index$i/level"
	echo 512K > "$cpus/cpu0/cache/index$i/size"
done
cat > "$root/proc/cpuinfo" << 'INFO'
processor	: 0
Features	: fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid
CPU implementer	: 0x41
CPU architecture: 8
CPU variant	: 0x0
CPU part	: 0xd08
CPU revision	: 3
INFO
qemu-aarch64 -L "$root" "$@"
