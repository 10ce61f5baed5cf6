//go:build !(ppc64 || ppc64le || mips || mipsle || mips64 || mips64le)

package ioctl

// The directions of asm-generic/ioctl.h.
const (
	none  = 0
	write = 1 << 30
	read  = 2 << 30
)
