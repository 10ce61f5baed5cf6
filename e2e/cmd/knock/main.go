// Command knock attacks vocoder-inputd in the test machine. Each of its commands tries what
// the helper must prevent, and prints one line with the result.
//
//	flood N       ask N times to type, without any hold
//	listen TIME   bind KEY_F14 and count the events
//	die N         wait for a hold, press keys, and be killed after N strokes
//	hang          wait for a hold, hold a key down, and wait
//	spend N       wait for a hold and press N keys
//	steal PID     take the open files of a process, and look into its memory
//	open          open the input devices
//	plain         take the access lists off the input devices; for root
//	probe         what else a process may try; for inside the unit
package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
)

const (
	keyA     key.Code = 30
	keyShift key.Code = 42
	keyF14   key.Code = 184
)

func main() {
	said, err := obey(os.Args[1:])
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println(said)
}

func obey(words []string) (string, error) {
	if len(words) == 1 && words[0] == "open" {
		return open(), nil
	}
	if len(words) == 1 && words[0] == "plain" {
		return plain()
	}
	if len(words) == 1 && words[0] == "probe" {
		return probe(), nil
	}
	if len(words) == 1 && words[0] == "hang" {
		return hang()
	}
	if len(words) != 2 {
		return "", errors.New("no such command")
	}
	if words[0] == "listen" {
		d, err := time.ParseDuration(words[1])
		if err != nil {
			return "", err
		}
		return listen(d)
	}
	n, err := strconv.Atoi(words[1])
	if err != nil {
		return "", err
	}
	switch words[0] {
	case "flood":
		return flood(n)
	case "die":
		return "", die(n)
	case "spend":
		return spend(n)
	case "steal":
		return steal(n)
	}
	return "", errors.New("no such command")
}

// A client is a connection to the helper.
type client struct {
	*net.UnixConn
	holds, released int
	state           helperproto.State
}

// dial connects. It tries again while the helper still serves a client that has just
// ended.
func dial() (*client, error) {
	for try := 0; ; try++ {
		g, err := dialOnce()
		if !errors.Is(err, helperproto.Busy) || try == 100 {
			return g, err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func dialOnce() (*client, error) {
	c, err := net.DialUnix("unixpacket", nil, &net.UnixAddr{Net: "unixpacket", Name: helperproto.Path})
	if err != nil {
		return nil, err
	}
	g := &client{UnixConn: c}
	if err := g.ask(helperproto.Request{Kind: helperproto.Hello, Version: helperproto.Version}); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return g, nil
}

// connect connects and binds the key.
func connect() (*client, error) {
	g, err := dial()
	if err != nil {
		return nil, err
	}
	return g, g.ask(helperproto.Request{Kind: helperproto.Bind, Bindings: []helperproto.Binding{{Keys: []key.Code{keyF14}}}})
}

// ask makes a request and returns the reason of its refusal.
func (g *client) ask(r helperproto.Request) error {
	if _, err := g.Write(r.Append(nil)); err != nil {
		return err
	}
	for {
		report, err := g.receive()
		if err != nil {
			return err
		}
		if a, ok := report.(helperproto.Answer); ok {
			return a.Reason.Err()
		}
	}
}

func (g *client) receive() (helperproto.Report, error) {
	b := make([]byte, helperproto.Most)
	n, err := g.Read(b)
	if err != nil {
		return nil, err
	}
	r, err := helperproto.ParseReport(b[:n])
	switch r := r.(type) {
	case helperproto.Hold:
		g.holds++
		if !r.Down {
			g.released++
		}
	case helperproto.State:
		g.state = r
	}
	return r, err
}

func flood(n int) (string, error) {
	granted, refused, closed := 0, 0, 0
	var g *client
	for i := range n {
		if g == nil {
			var err error
			if g, err = dial(); err != nil {
				return "", err
			}
		}
		r := helperproto.Request{Kind: helperproto.Ready}
		if i%200 == 199 {
			r = helperproto.Request{Kind: helperproto.Down, Code: keyA}
		}
		switch err := g.ask(r); {
		case err == nil:
			granted++
		case errors.Is(err, helperproto.NoHold), errors.Is(err, helperproto.NoSession):
			refused++
		default:
			closed++
			_ = g.Close()
			g = nil
		}
	}
	return fmt.Sprintf("granted=%d refused=%d closed=%d", granted, refused, closed), nil
}

func listen(d time.Duration) (string, error) {
	g, err := connect()
	if err != nil {
		return "", err
	}
	if err := g.SetReadDeadline(time.Now().Add(d)); err != nil {
		return "", err
	}
	for said := false; err == nil; _, err = g.receive() {
		if !said && g.state.Devices > 0 {
			fmt.Println("listening")
			said = true
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return "", err
	}
	return fmt.Sprintf("holds=%d session=%v typing=%v", g.holds, g.state.Session, g.mayType()), nil
}

func (g *client) mayType() error {
	if err := g.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	return g.ask(helperproto.Request{Kind: helperproto.Ready})
}

// held waits for a hold and then for the permission to type.
func held() (*client, error) {
	g, err := connect()
	if err != nil {
		return nil, err
	}
	for g.state.Devices == 0 {
		if _, err := g.receive(); err != nil {
			return nil, err
		}
	}
	fmt.Println("listening")
	for g.released == 0 {
		if _, err := g.receive(); err != nil {
			return nil, err
		}
	}
	return g, g.ask(helperproto.Request{Kind: helperproto.Ready})
}

func die(n int) error {
	g, err := held()
	if err != nil {
		return err
	}
	strokes := []helperproto.Request{
		{Kind: helperproto.Down, Code: keyShift}, {Kind: helperproto.Tap, Code: keyA}, {Kind: helperproto.Down, Code: keyA},
		{Kind: helperproto.Up, Code: keyA},
		{Kind: helperproto.Tap, Code: keyA + 1}, {Kind: helperproto.Up, Code: keyShift},
	}
	for _, r := range strokes[:n] {
		if err := g.ask(r); err != nil {
			return err
		}
	}
	fmt.Println("dying")
	return unix.Kill(os.Getpid(), unix.SIGKILL)
}

func hang() (string, error) {
	g, err := held()
	if err != nil {
		return "", err
	}
	if err := g.ask(helperproto.Request{Kind: helperproto.Down, Code: keyA}); err != nil {
		return "", err
	}
	fmt.Println("holding")
	time.Sleep(2 * time.Second)
	err = g.ask(helperproto.Request{Kind: helperproto.Down, Code: keyA + 1})
	return fmt.Sprintf("then: %v", err), nil
}

func spend(n int) (string, error) {
	g, err := held()
	if err != nil {
		return "", err
	}
	for i := range n {
		if err := g.ask(helperproto.Request{Kind: helperproto.Tap, Code: keyA}); err != nil {
			return fmt.Sprintf("pressed=%d then: %v", i, err), nil
		}
		time.Sleep(4 * time.Millisecond)
	}
	return fmt.Sprintf("pressed=%d", n), nil
}

func steal(pid int) (string, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return "", err
	}
	stolen, opened := 0, 0
	for n := range 64 {
		if _, err := unix.PidfdGetfd(fd, n, 0); err == nil {
			stolen++
		}
	}
	for _, name := range []string{"mem", "environ", "maps", "exe", "auxv"} {
		f, err := os.Open(fmt.Sprintf("/proc/%d/%s", pid, name))
		if err != nil {
			continue
		}
		if n, _ := f.Read(make([]byte, 1)); n > 0 || name == "mem" {
			opened++
		}
	}
	if _, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid)); err == nil {
		opened++
	}
	return fmt.Sprintf("stolen=%d opened=%d", stolen, opened), nil
}

func open() string {
	nodes, _ := filepath.Glob("/dev/input/event*") // the pattern is right
	n := 0
	for _, name := range append(nodes, "/dev/uinput") {
		for _, how := range []int{os.O_RDONLY, os.O_WRONLY} {
			if f, err := os.OpenFile(name, how, 0); err == nil {
				n++
				_ = f.Close()
			}
		}
	}
	return fmt.Sprintf("nodes=%d opened=%d", len(nodes), n)
}

// plain removes the access lists of the nodes, so that only their mode counts (acl(5)).
func plain() (string, error) {
	nodes, err := filepath.Glob("/dev/input/event*")
	for _, name := range append(nodes, "/dev/uinput") {
		if e := unix.Removexattr(name, "system.posix_acl_access"); e != nil && e != unix.ENODATA {
			err = errors.Join(err, e)
		}
		mode := os.FileMode(0o660)
		err = errors.Join(err, os.Chmod(name, mode))
	}
	return "plain", err
}

// probe tries several forbidden operations and prints the names of those that worked.
func probe() string {
	file := func(name string, how int) func() error {
		return func() error {
			f, err := os.OpenFile(name, how, 0o600)
			if err == nil {
				_ = f.Close()
			}
			return err
		}
	}
	said := "can:"
	for _, try := range []struct {
		what string
		do   func() error
	}{
		{"home", func() error { _, err := os.ReadDir("/home/alice"); return err }},
		{"write-home", file("/home/alice/knocked", os.O_CREATE|os.O_WRONLY)},
		{"run-user", func() error { _, err := os.ReadDir("/run/user/1000"); return err }},
		{"write-etc", file("/etc/knocked", os.O_CREATE|os.O_WRONLY)},
		{"write-var", file("/var/knocked", os.O_CREATE|os.O_WRONLY)},
		{"kmsg", file("/dev/kmsg", os.O_RDONLY)},
		{"disk", file("/dev/vda", os.O_RDONLY)},
		{"mem", file("/dev/mem", os.O_RDONLY)},
		{"event-write", file("/dev/input/event0", os.O_WRONLY)},
		{"event-read", file("/dev/input/event0", os.O_RDONLY)},
		{"uinput", file("/dev/uinput", os.O_WRONLY)},
		{"inet", func() error { _, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0); return err }},
		{"netlink", func() error { _, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, 0); return err }},
		{"namespace", func() error { return unix.Unshare(unix.CLONE_NEWUSER) }},
		{"ptrace", func() error { return unix.PtraceAttach(1) }},
		{"exec", func() error { return exec.Command("/bin/true").Run() }},
		{"kill-1", func() error { return unix.Kill(1, 0) }},
		{"setuid", func() error { return unix.Setuid(0) }},
		{"mount", func() error { return unix.Mount("none", "/mnt", "tmpfs", 0, "") }},
		{"mapping", func() error {
			b, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_ANON|unix.MAP_PRIVATE)
			if err == nil {
				_ = unix.Munmap(b)
			}
			return err
		}},
		{"proc-1", func() error { _, err := os.ReadFile("/proc/1/status"); return err }},
	} {
		if try.do() == nil {
			said += " " + try.what
		}
	}
	return said
}
