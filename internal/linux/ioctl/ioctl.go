// Package ioctl makes calls of ioctl(2) on an os.File, without taking the file
// away from Go's poller as os.File.Fd would.
package ioctl

import (
	"io/fs"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// None, Read and Write return the number of a request that passes nothing, reads size
// bytes from the kernel or writes them to it: _IO, _IOR and _IOW of asm/ioctl.h.
func None(group, nr uintptr) uintptr        { return none | group<<8 | nr }
func Read(group, nr, size uintptr) uintptr  { return read | size<<16 | group<<8 | nr }
func Write(group, nr, size uintptr) uintptr { return write | size<<16 | group<<8 | nr }

// Int makes a request whose argument is a number. An error is a *fs.PathError,
// in which op says what the caller was doing.
func Int(f *os.File, op string, request, arg uintptr) error {
	return control(f, op, func(fd uintptr) unix.Errno {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, request, arg)
		return errno
	})
}

// Pointer makes a request whose argument points to what the kernel reads or
// writes. Its errors are those of Int.
func Pointer(f *os.File, op string, request uintptr, arg unsafe.Pointer) error {
	return control(f, op, func(fd uintptr) unix.Errno {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, request, uintptr(arg))
		return errno
	})
}

func control(f *os.File, op string, call func(fd uintptr) unix.Errno) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var errno unix.Errno
	if err := conn.Control(func(fd uintptr) { errno = call(fd) }); err != nil {
		return err
	}
	if errno != 0 {
		return &fs.PathError{Op: op, Path: f.Name(), Err: errno}
	}
	return nil
}
