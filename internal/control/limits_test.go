package control

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/test/accept"
)

func TestSixteenWatchers(t *testing.T) {
	f := &fake{}
	c := serve(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	seen := make(chan Status)
	for range Clients {
		watching.Go(func() {
			err := c.Watch(ctx, func(s Status) error {
				select {
				case seen <- s:
				case <-ctx.Done():
				}
				return nil
			})
			if err != nil {
				t.Errorf("Watch: %v", err)
			}
		})
	}
	for range Clients {
		if s := <-seen; s.State != Idle {
			t.Errorf("first: got %s", s.State)
		}
	}
	f.server.Show(Status{Recording: true})
	for range Clients {
		if s := <-seen; s.State != Listening {
			t.Errorf("second: got %s", s.State)
		}
	}
	err := c.Watch(ctx, func(Status) error { t.Error("a 17th was let in"); return nil })
	if r, ok := errors.AsType[*Refusal](err); !ok || r.Code != http.StatusServiceUnavailable {
		t.Errorf("a 17th: got %v", err)
	}
	if got, want := say(t, c, "toggle"), `{"error":"16 clients are connected already"}`; got != want {
		t.Errorf("a 17th: got %s, want %s", got, want)
	}
	if got := f.told(); len(got) > 0 {
		t.Errorf("daemon was told %v", got)
	}
}

func TestSeatIsFreed(t *testing.T) {
	f := &fake{hold: make(chan struct{}), began: make(chan struct{}, Clients+1)}
	c := serve(t, f)
	left := make(chan string)
	for range Clients / 2 {
		go func() { left <- say(t, c, "POST /v1/start HTTP/1.0\r\n\r\n") }()
		go func() { left <- say(t, c, "start") }()
	}
	for range Clients {
		<-f.began
	}
	if _, err := c.Status(t.Context()); err == nil {
		t.Error("a 17th was served")
	}
	f.hold <- struct{}{}
	if got := <-left; !strings.Contains(got, `"started"`) {
		t.Errorf("got %q", got)
	}
	if _, err := c.Status(t.Context()); err != nil {
		t.Errorf("after one left: %v", err)
	}
	close(f.hold)
	for range Clients - 1 {
		<-left
	}
}

// A thousand at once get an answer or the end, and the daemon goes on.
func TestCrowd(t *testing.T) {
	c := serve(t, &fake{}, quick)
	var crowd sync.WaitGroup
	for i := range 1000 {
		crowd.Go(func() {
			conn, err := net.Dial("unix", c.Path)
			if err != nil {
				return // the kernel's queue is full
			}
			if i%2 == 0 {
				_, _ = conn.Write([]byte("stat")) // it may be gone
			}
			_, _ = io.Copy(io.Discard, conn) // until it is closed
			_ = conn.Close()
		})
	}
	crowd.Wait()
	if _, err := c.Status(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestBadRequests(t *testing.T) {
	// The quick server ends requests that never end. The other one has the usual limit,
	// so that slow machines get all answers.
	f, g := &fake{}, &fake{}
	hanging, c := serve(t, f, quick), serve(t, g)
	never := map[string]bool{"silent": true, "half a word": true, "half a request line": true, "half a header": true, "half a body": true, "endless body": true}
	for _, tt := range []struct{ name, request, want string }{
		{"silent", "", ""},
		{"half a word", "tog", ""},
		{"half a request line", "POST /v1/sta", "HTTP/1.1 400 "},
		{"half a header", "POST /v1/start HTTP/1.1\r\nHost: x\r\n", ""},
		{"half a body", "POST /v1/start HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{", "HTTP/1.1 413 "},
		{"huge body", "POST /v1/start HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n{", "HTTP/1.1 413 "},
		{"endless body", "POST /v1/start HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", "HTTP/1.1 413 "},
		{"huge header", "POST /v1/start HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 8<<10) + "\r\n\r\n", "HTTP/1.1 431 "},
		{"huge path", "POST /" + strings.Repeat("x", 1<<20) + " HTTP/1.1\r\n\r\n", "HTTP/1.1 431 "},
		{"huge word", strings.Repeat("x", 1<<20), `{"error":`},
		{"endless space in a word", "s" + strings.Repeat(" ", 1<<20), `{"error":`},
		{"garbage", "\x00\xff\x16\x03\x01", "HTTP/1.1 400 "},
		{"garbage line", "GET\r\n\r\n", "HTTP/1.1 400 "},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			to := c
			if never[tt.name] {
				to = hanging
			}
			if got := say(t, to, tt.request); !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("got %.80q, want %q", got, tt.want)
			}
		})
	}
	if got := append(f.told(), g.told()...); len(got) > 0 {
		t.Errorf("daemon was told %v", got)
	}
}

// The server answers a request of the largest size.
func TestLargestRequest(t *testing.T) {
	c := serve(t, &fake{})
	request := func(size int) string {
		head, tail := "GET /v1/status HTTP/1.1\r\nHost: x\r\nX: ", "\r\n\r\n"
		return head + strings.Repeat("x", size-len(head)-len(tail)) + tail
	}
	if got := say(t, c, request(maxRequest)); !strings.HasPrefix(got, "HTTP/1.1 200 ") {
		t.Errorf("%d bytes: got %.40q", maxRequest, got)
	}
	if got := say(t, c, request(maxRequest+2)); !strings.HasPrefix(got, "HTTP/1.1 431 ") {
		t.Errorf("%d bytes: got %.40q", maxRequest+2, got)
	}
}

// A watcher may take longer than other requests. If it does not read, the server closes its
// connection.
func TestSlowWatcher(t *testing.T) {
	f := &fake{}
	c := serve(t, f, quick)
	conn, err := net.Dial("unix", c.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte("GET /v1/watch HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(conn)
	next := func(want string) {
		t.Helper()
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(line, "data: ") {
				if !strings.Contains(line, want) {
					t.Fatalf("got %s, want %s", line, want)
				}
				return
			}
		}
	}
	next(`"state":"idle"`)
	say(t, c, "tog") // takes as long as a request may
	say(t, c, "tog")
	f.server.Show(Status{Recording: true})
	next(`"state":"listening"`)

	f.server.Show(Status{Key: strings.Repeat("x", 4<<20)}) // more than a socket holds
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	fd := []unix.PollFd{{Events: unix.POLLRDHUP}}
	if err := raw.Control(func(f uintptr) { fd[0].Fd = int32(f) }); err != nil {
		t.Fatal(err)
	}
	for {
		n, err := unix.Poll(fd, 20_000)
		if err == unix.EINTR {
			continue
		}
		if n != 1 || err != nil {
			t.Fatalf("not put out: %d, %v", n, err)
		}
		return
	}
}

func TestRunEnds(t *testing.T) {
	f := &fake{hold: make(chan struct{}), began: make(chan struct{}, 2)}
	path := t.TempDir() + "/vocoder.sock"
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	f.server = &Server{Daemon: f, Log: discard}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.server.Run(ctx, l) }()

	c := Client{path}
	seen, gone := make(chan bool, 1), make(chan error, 3)
	go func() { gone <- c.Watch(t.Context(), func(Status) error { seen <- true; return nil }) }()
	go func() { _, err := c.Do(t.Context(), Reload); gone <- err }()
	go func() {
		if got := say(t, c, "start"); !strings.HasPrefix(got, `{"error":`) {
			t.Errorf("got %q", got)
		}
		gone <- nil
	}()
	<-seen
	<-f.began
	<-f.began
	cancel()
	for range 3 {
		err := <-gone
		r, refused := errors.AsType[*Refusal](err)
		if err != nil && !errors.Is(err, ErrNotRunning) && !(refused && r.Reason == "the daemon is ending") {
			t.Errorf("client got %v", err)
		}
	}
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	next, err := Listen(path)
	if err != nil {
		t.Fatalf("the place is not free: %v", err)
	}
	if err := next.Close(); err != nil {
		t.Error(err)
	}
}

func TestWelcome(t *testing.T) {
	for _, tt := range []struct {
		own, peer uint32
		want      bool
	}{{1000, 1000, true}, {1000, 0, true}, {0, 0, true}, {1000, 1001, false}, {0, 1000, false}, {1000, 65534, false}} {
		if got := admitted(tt.own, tt.peer); got != tt.want {
			t.Errorf("daemon of %d, client of %d: %v", tt.own, tt.peer, got)
		}
	}
}

// connectAs connects as another user, from a thread that ends with it.
func connectAs(uid int, path string) (answer []byte, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread is not used again
		if _, _, e := syscall.RawSyscall(syscall.SYS_SETRESUID, ^uintptr(0), uintptr(uid), ^uintptr(0)); e != 0 {
			err = e
			return
		}
		var fd int
		if fd, err = unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
			return
		}
		defer func() { _ = unix.Close(fd) }()
		if err = unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err != nil {
			return
		}
		_, _ = unix.Write(fd, []byte("toggle")) // it may be refused already
		answer = make([]byte, 100)
		n, e := unix.Read(fd, answer)
		if e == unix.ECONNRESET {
			n = 0
		} else if e != nil {
			err = e
		}
		answer = answer[:max(n, 0)]
	}()
	<-done
	return answer, err
}

func TestOtherUser(t *testing.T) {
	if os.Getuid() != 0 {
		if os.Getenv("VOCODER_DEVICES") == "1" {
			t.Fatal("needs root")
		}
		t.Skip("needs root")
	}
	f := &fake{}
	c := serve(t, f)
	for dir := c.Path; strings.Contains(dir, t.Name()); dir = dir[:strings.LastIndexByte(dir, '/')] {
		if dir != c.Path {
			if err := os.Chmod(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := connectAs(65534, c.Path); !errors.Is(err, unix.EACCES) {
		t.Errorf("the mode lets in another user: %v", err)
	}
	if err := os.Chmod(c.Path, 0o666); err != nil {
		t.Fatal(err)
	}
	answer, err := connectAs(65534, c.Path)
	if err != nil || len(answer) > 0 {
		t.Errorf("another user got %q, %v", answer, err)
	}
	if answer, err = connectAs(0, c.Path); err != nil || !strings.Contains(string(answer), "started") {
		t.Errorf("root got %q, %v", answer, err)
	}
	if got := f.told(); len(got) != 1 {
		t.Errorf("daemon was told %v", got)
	}
}

// The first byte of a request gains the rest no time, and neither does any later one.
func TestDeadlineStays(t *testing.T) {
	c := serve(t, &fake{}, quick)
	conn, err := net.Dial("unix", c.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	began := time.Now()
	for _, err := conn.Write([]byte("GET /")); err == nil; _, err = conn.Write([]byte("x")) {
		if time.Since(began) > 20*time.Second {
			t.Fatal("the connection stays open")
		}
		<-time.After(5 * time.Millisecond)
	}
}

// There are at most sixteen clients, and sixteen more that get an error.
func TestBound(t *testing.T) {
	f := &fake{hold: make(chan struct{}), began: make(chan struct{}, Clients)}
	c := serve(t, f, func(s *Server) { s.clientTimeout = 10 * time.Second })
	left := make(chan string)
	for range Clients {
		go func() { left <- say(t, c, "start") }()
	}
	for range Clients {
		<-f.began
	}
	var bench []net.Conn
	for range Clients { // each sends nothing, and so keeps its place
		conn, err := net.Dial("unix", c.Path)
		if err != nil {
			t.Fatal(err)
		}
		bench = append(bench, conn)
	}
	// The server accepts clients in the order in which they connect.
	if got := say(t, c, "toggle"); got != "" {
		t.Errorf("got %q", got)
	}
	for _, conn := range bench {
		_ = conn.Close()
	}
	close(f.hold)
	for range Clients {
		<-left
	}
}

// Without a free file descriptor the server waits, says so once, and then serves.
func TestAcceptFails(t *testing.T) {
	socket, err := Listen(place(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }() // nothing is lost with it
	var log bytes.Buffer
	s := &Server{Daemon: &fake{}, Log: slog.New(slog.NewTextHandler(&log, nil))}
	l := s.listener(t.Context(), &accept.Failing{UnixListener: socket.UnixListener})
	client, err := net.Dial("unix", socket.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }() // nothing was written
	served, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_ = served.Close() // nothing was written
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings, want 1:\n%s", n, &log)
	}
}
