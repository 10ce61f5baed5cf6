//go:build ppc64 || ppc64le || mips || mipsle || mips64 || mips64le

package ioctl

// The directions of asm/ioctl.h of PowerPC and MIPS.
const (
	none  = 1 << 29
	read  = 2 << 29
	write = 4 << 29
)
