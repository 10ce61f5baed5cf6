package desktop

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// A compositor closes the connection of a client whose socket is full, and that ends the
// client. Before libwayland 1.23, some 270 messages fill it, or 90 typed characters. A
// program that is busy for a second gets as many.
const (
	maxUnread     = 2048 // bytes of events that may wait in a client; a key has 48
	lookInterval  = 20 * time.Millisecond
	stoppedClient = 10 * time.Second // a client that reads nothing for so long does not delay the others
)

// A backlog is how many bytes each client of a compositor has not read yet, by
// the inode of its socket.
type backlog map[uint32]uint32

// A drain waits for clients that do not read what the compositor sends them.
type drain struct {
	path   string  // of the compositor's socket
	before backlog // at the beginning of the text, which did not cause it
}

// begin records what is not read at the beginning of a text.
func (d *drain) begin() { d.before, _ = clients(d.path) } // without it, nothing is waited for

// wait returns once every client has read all but maxUnread bytes more than it left at
// the beginning. The kernel does not report that, so wait asks again and again.
func (d *drain) wait(ctx context.Context) error {
	for began := time.Now(); ; {
		now, err := clients(d.path)
		if err != nil || !d.behind(now) {
			return nil
		}
		if time.Since(began) > stoppedClient {
			d.before = now
			return nil
		}
		if err := clock.Sleep(ctx, lookInterval); err != nil {
			return err
		}
	}
}

func (d *drain) behind(now backlog) bool {
	for inode, n := range now {
		if n > d.before[inode]+maxUnread {
			return true
		}
	}
	return false
}

// clients returns the backlog of a socket's clients. Any user may ask. Source:
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
	maps.DeleteFunc(queues, func(inode, _ uint32) bool { return !peers[inode] })
	return queues, nil
}

// A unixDiagRequest is struct unix_diag_req after the header of a message.
type unixDiagRequest struct {
	Header           unix.NlMsghdr
	Family, Protocol uint8
	_                uint16
	States           uint32
	Inode            uint32 // 0 for any
	Show             uint32
	Cookie           [2]uint32
}

// Constants of linux/unix_diag.h and net/tcp_states.h.
const (
	showName    = 1 << 0
	showPeer    = 1 << 2
	showQueues  = 1 << 4
	attrName    = 0
	attrPeer    = 2
	attrQueues  = 4
	established = 1 << 1
	messageLen  = 16 // of struct unix_diag_msg
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
	request := unixDiagRequest{
		Header: unix.NlMsghdr{Type: unix.SOCK_DIAG_BY_FAMILY, Flags: unix.NLM_F_REQUEST | unix.NLM_F_DUMP},
		Family: unix.AF_UNIX, States: established, Show: showName | showPeer | showQueues,
	}
	request.Header.Len = uint32(binary.Size(request))
	message, err := binary.Append(nil, binary.NativeEndian, request)
	if err != nil {
		return nil, err
	}
	if err := unix.Sendto(fd, message, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, os.NewSyscallError("sendto", err)
	}
	b := make([]byte, 64<<10)
	for {
		n, _, err := unix.Recvfrom(fd, b, 0)
		if err != nil {
			return nil, os.NewSyscallError("recvfrom", err)
		}
		messages, err := syscall.ParseNetlinkMessage(bytes.Clone(b[:n]))
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

type unixSocket struct {
	inode, peer, queue uint32
	name               string
}

func parseUnixSocket(m syscall.NetlinkMessage) (s unixSocket, ok bool) {
	e := binary.NativeEndian
	if m.Header.Type != unix.SOCK_DIAG_BY_FAMILY || len(m.Data) < messageLen {
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
