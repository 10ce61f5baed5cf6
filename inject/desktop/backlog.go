package desktop

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A compositor ends the connection of a client whose socket is full, and the
// client dies of it. Before libwayland 1.23 that takes some 270 messages, or 90
// typed characters, which is a second for a program that is busy.
const (
	unread = 2048 // bytes of events that may wait in a client; a key is 48
	look   = 20 * time.Millisecond
	forget = 10 * time.Second // a client that has read nothing for so long does not hold up the others
)

// A backlog is how many bytes each client of a compositor has not read yet, by
// the inode of its socket.
type backlog map[uint32]uint32

// A drain waits for clients that do not read what they are sent.
type drain struct {
	path   string  // of the compositor's socket
	before backlog // as it was before the text, which is not about it
}

// begin notes what is not read at the beginning of a text.
func (d *drain) begin() { d.before, _ = clients(d.path) } // without it, nothing is waited for

// wait returns once no client has more to read than it had at the beginning,
// and some keys. The kernel does not tell when that is, so it is asked.
func (d *drain) wait(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for began := time.Now(); ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
		now, err := clients(d.path)
		if err != nil || !d.behind(now) {
			return nil
		}
		if time.Since(began) > forget {
			d.before = now
			return nil
		}
		timer.Reset(look)
	}
}

func (d *drain) behind(now backlog) bool {
	for inode, n := range now {
		if n > d.before[inode]+unread {
			return true
		}
	}
	return false
}

// clients returns the backlog of a socket's clients. Anybody may ask. Source:
// sock_diag(7), linux/unix_diag.h.
func clients(path string) (backlog, error) {
	replies, err := dumpUnixSockets()
	if err != nil {
		return nil, err
	}
	peers, queues := map[uint32]bool{}, backlog{}
	for _, m := range replies {
		s, ok := parseUnixSocket(m)
		if !ok {
			continue
		}
		if s.name == path {
			peers[s.peer] = true
		}
		queues[s.inode] = s.queue
	}
	for inode := range queues {
		if !peers[inode] {
			delete(queues, inode)
		}
	}
	return queues, nil
}

// The parts of sock_diag's protocol that are used here.
const (
	sockDiagByFamily = 20
	showName         = 1 << 0
	showPeer         = 1 << 2
	showQueues       = 1 << 4
	attrName         = 0
	attrPeer         = 2
	attrQueues       = 4
	established      = 1 << 1
	requestLen       = 16 + 24
	messageLen       = 16
)

// dumpUnixSockets returns the kernel's messages about all connected sockets.
func dumpUnixSockets() (all []syscall.NetlinkMessage, err error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	defer func() { _ = unix.Close(fd) }()
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 1}); err != nil {
		return nil, os.NewSyscallError("setsockopt", err)
	}
	if err := unix.Sendto(fd, unixSocketsRequest(), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, os.NewSyscallError("sendto", err)
	}
	b := make([]byte, 64<<10)
	for {
		n, _, err := unix.Recvfrom(fd, b, 0)
		if err != nil {
			return nil, os.NewSyscallError("recvfrom", err)
		}
		messages, err := syscall.ParseNetlinkMessage(append([]byte(nil), b[:n]...))
		if err != nil {
			return nil, err
		}
		for _, m := range messages {
			switch m.Header.Type {
			case unix.NLMSG_DONE:
				return all, nil
			case unix.NLMSG_ERROR:
				return nil, errors.New("the kernel does not list sockets")
			}
			all = append(all, m)
		}
	}
}

func unixSocketsRequest() []byte {
	e := binary.NativeEndian
	b := e.AppendUint32(nil, requestLen)
	b = e.AppendUint16(b, sockDiagByFamily)
	b = e.AppendUint16(b, unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	b = append(b, make([]byte, 8)...) // sequence, port
	b = append(b, unix.AF_UNIX, 0, 0, 0)
	b = e.AppendUint32(b, established)
	b = e.AppendUint32(b, 0) // no inode in particular
	b = e.AppendUint32(b, showName|showPeer|showQueues)
	return append(b, make([]byte, 8)...) // cookie
}

type unixSocket struct {
	inode, peer, queue uint32
	name               string
}

func parseUnixSocket(m syscall.NetlinkMessage) (s unixSocket, ok bool) {
	e := binary.NativeEndian
	if m.Header.Type != sockDiagByFamily || len(m.Data) < messageLen {
		return s, false
	}
	s.inode = e.Uint32(m.Data[4:])
	for rest := m.Data[messageLen:]; len(rest) >= 4; {
		size, kind := int(e.Uint16(rest)), e.Uint16(rest[2:])
		if size < 4 || size > len(rest) {
			return s, false
		}
		switch value := rest[4:size]; {
		case kind == attrName:
			s.name = string(bytes.TrimRight(value, "\x00"))
		case kind == attrPeer && len(value) >= 4:
			s.peer = e.Uint32(value)
		case kind == attrQueues && len(value) >= 4:
			s.queue = e.Uint32(value)
		}
		rest = rest[min(len(rest), (size+3)&^3):]
	}
	return s, true
}
