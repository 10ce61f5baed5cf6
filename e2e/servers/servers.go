// Package servers runs real Whisper servers with OpenAI's weights, on free ports of the
// host's loopback interface: those of install.sh, and vocoder-engine. None of them uses a
// network.
package servers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/arealicehole/vocoder/internal/test/loopback"
)

// A Kind is a kind of server.
type Kind string

// The kinds, with their names in tables.
const (
	Engine        Kind = "vocoder-engine"
	WhisperCPP    Kind = "whisper.cpp"
	FasterWhisper Kind = "faster-whisper"
	Wyoming       Kind = "Wyoming faster-whisper"

	// The same servers with another model, for English alone.
	EngineMoonshine Kind = "vocoder-engine, Moonshine tiny"
	FasterTiny      Kind = "faster-whisper, tiny.en"
)

// Kinds are the servers with Whisper base.
var Kinds = []Kind{Engine, WhisperCPP, FasterWhisper, Wyoming}

// Threads is how many threads each server uses when servers are compared.
const Threads = 2

// A Server is a running server.
type Server struct {
	Kind Kind
	Addr string // HOST:PORT
	URL  string // as whisper.url has it
	c    *exec.Cmd
	done chan struct{} // closed when it has ended
}

// Cache returns the folder in which install.sh installs.
func Cache() (string, error) {
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "vocoder", "whisper"), err
}

// Command returns the command that starts a server at a port, as a user types it. cache is
// the folder of install.sh, top that of the repository.
func Command(kind Kind, cache, top, port string, threads int) []string {
	model, ours := filepath.Join(cache, "base"), "whisper-base"
	bin := filepath.Join(cache, "venv", "bin")
	switch kind {
	case EngineMoonshine:
		ours = "moonshine-tiny-en"
	case WhisperCPP:
		return []string{filepath.Join(top, "bin", "whisper-server"), "-m", filepath.Join(cache, "ggml-base.bin"),
			"--host", "127.0.0.1", "--port", port, "-t", strconv.Itoa(threads), "-l", "auto"}
	case FasterTiny, FasterWhisper:
		if kind == FasterTiny {
			model = filepath.Join(cache, "tiny.en")
		}
		return []string{filepath.Join(bin, "faster-whisper-server"), model, "--host", "127.0.0.1", "--port", port}
	case Wyoming:
		return []string{filepath.Join(bin, "python"), "-m", "wyoming_faster_whisper", "--model", model, "--language", "auto",
			"--uri", "tcp://127.0.0.1:" + port, "--data-dir", filepath.Join(cache, "wyoming")}
	}
	return []string{filepath.Join(top, "bin", "vocoder-engine"), "serve", "--model", ours, "--preload",
		"--threads", strconv.Itoa(threads), "--addr", "127.0.0.1:" + port}
}

// startLimit is how long a server may take to load its model; ten seconds are usual.
const startLimit = 2 * time.Minute

// Start starts a server and returns when it listens. If addr is empty, it uses a free port.
// The caller must stop the server, which ends with ctx at the latest.
func Start(ctx context.Context, kind Kind, top, addr string, threads int, log io.Writer) (*Server, error) {
	cache, err := Cache()
	if err != nil {
		return nil, err
	}
	if addr == "" {
		if addr, err = loopback.FreeAddr(); err != nil {
			return nil, err
		}
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	args := Command(kind, cache, top, port, threads)
	s := &Server{Kind: kind, Addr: addr, URL: "http://" + addr, done: make(chan struct{})}
	if kind == Wyoming {
		s.URL = "tcp://" + addr
	}
	s.c = exec.CommandContext(ctx, args[0], args[1:]...)
	s.c.Env = append(os.Environ(), "HF_HUB_OFFLINE=1", "OMP_NUM_THREADS="+strconv.Itoa(threads))
	s.c.Stdout, s.c.Stderr = log, log
	s.c.Dir = os.TempDir()
	// A server may start more processes. The kill reaches the whole group.
	s.c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.c.Cancel = func() error { return syscall.Kill(-s.c.Process.Pid, syscall.SIGKILL) }
	if err := s.c.Start(); err != nil {
		return nil, fmt.Errorf("start %s (make sweep-whisper installs it): %w", kind, err)
	}
	go func() {
		_ = s.c.Wait() // it is killed, so always an error
		close(s.done)
	}()
	if err := s.await(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", kind, err), s.Stop())
	}
	return s, nil
}

// await waits until the server listens. None of the servers reports it.
func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var d net.Dialer
	for {
		if conn, err := d.DialContext(ctx, "tcp", s.Addr); err == nil {
			return conn.Close()
		}
		select {
		case <-tick.C:
		case <-s.done:
			return fmt.Errorf("it ended: %v", s.c.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("wait until it listens: %w", ctx.Err())
		}
	}
}

// Stop kills the server and waits until it has ended.
func (s *Server) Stop() error {
	err := s.signal(syscall.SIGKILL)
	if err == nil {
		<-s.done
	}
	return err
}

// Pause stops the server's processes. The kernel still accepts connections to its port.
func (s *Server) Pause() error { return s.signal(syscall.SIGSTOP) }

// Continue ends a Pause.
func (s *Server) Continue() error { return s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) error {
	if err := syscall.Kill(-s.c.Process.Pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signal %s: %w", s.Kind, err)
	}
	return nil
}

// Memory returns the peak memory of the server and of the processes that it started, in
// bytes: the sum of VmHWM in proc_pid_status(5).
func (s *Server) Memory() (total int64, err error) {
	files, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		return 0, err
	}
	status := map[int64]string{} // by process
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil { // else the process ended meanwhile
			text := "\n" + string(b)
			status[field(text, "Pid:")] = text
		}
	}
	for pid, text := range status {
		if descends(status, pid, int64(s.c.Process.Pid)) {
			total += 1024 * field(text, "VmHWM:")
		}
	}
	return total, nil
}

// descends reports whether a process is the given ancestor or a descendant of it.
func descends(status map[int64]string, pid, from int64) bool {
	for range len(status) { // the kernel reuses pids: a limit prevents an endless loop
		if pid == from {
			return true
		}
		pid = field(status[pid], "PPid:")
	}
	return false
}

// field returns the number that follows a name in a status file, or 0.
func field(status, name string) int64 {
	_, rest, _ := strings.Cut(status, "\n"+name)
	words := strings.Fields(rest)
	if len(words) == 0 {
		return 0
	}
	n, err := strconv.ParseInt(words[0], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
