package machine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// A process is a program on the host that the machine needs. The kernel kills it when this
// process dies, unless it is detached.
type process struct {
	pid   int
	ended chan struct{} // closed when it has ended; nil if an earlier process started it
}

// launch starts a program with its output in a log file. files become its file
// descriptors 3 and up.
func launch(detach bool, logPath string, env []string, files []*os.File, name string, args ...string) (*process, error) {
	log, err := os.Create(logPath)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	if os.Geteuid() == 0 {
		// The machine loses sound if it has to wait for other programs of the host.
		// nice(1) becomes the program, so the pid stays the same.
		name, args = "nice", append([]string{"-n", "-15", name}, args...)
	}
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr, c.ExtraFiles = log, log, files
	c.Env = append(os.Environ(), env...)
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if !detach {
		c.SysProcAttr.Pdeathsig = syscall.SIGKILL
	}
	p := &process{ended: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// Pdeathsig is sent when the thread that forked ends (prctl(2)), so
		// that thread must last as long as the program.
		runtime.LockOSThread()
		err := c.Start()
		started <- err
		if err == nil {
			_ = c.Wait() // its log has the reason
		}
		close(p.ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p.pid = c.Process.Pid
	return p, nil
}

// stop asks the program to end and kills it after grace.
func (p *process) stop(grace time.Duration) {
	if p == nil {
		return
	}
	if p.ended == nil {
		_ = syscall.Kill(p.pid, syscall.SIGTERM) // it is no child of this process
		return
	}
	for _, s := range []syscall.Signal{0, syscall.SIGTERM, syscall.SIGKILL} {
		_ = syscall.Kill(p.pid, s) // it may have ended
		t := time.NewTimer(grace)
		select {
		case <-p.ended:
			t.Stop()
			return
		case <-t.C:
		}
	}
}

// tail returns the last lines of a file, for error messages.
func tail(path string, lines int) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(strings.ReplaceAll(string(b), "\r", ""), "\n"), "\n")
	return "  " + strings.Join(all[max(0, len(all)-lines):], "\n  ")
}

// listen makes a listening socket for a program that is started later. Clients can connect
// at once and wait until the program accepts them. The caller passes the file to the
// program and then closes it.
func listen(path string) (*os.File, error) {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	f, err := l.File()
	return f, errors.Join(err, l.Close())
}

// The devices of the host's private sound server. The machine's microphone records the
// sound of micSink. The machine plays into speakerSink.
const (
	micSink     = "microphone"
	speakerSink = "speaker"
)

func pulseSocket(dir string) string { return filepath.Join(dir, "pulse.sock") }

// startPulse starts a private PulseAudio and returns when it reports by sd_notify(3) that
// it is ready. PulseAudio sets its own priority: without high-priority it has the usual
// one, and the microphone has gaps on a busy host.
func startPulse(ctx context.Context, dir string, detach bool) (*process, error) {
	notify := filepath.Join(dir, "notify.sock")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: notify, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })()
	state := filepath.Join(dir, "pulse")
	if err := os.Mkdir(state, 0o700); err != nil {
		return nil, err
	}
	log := filepath.Join(dir, "pulse.log")
	env := []string{"NOTIFY_SOCKET=" + notify, "PULSE_RUNTIME_PATH=" + state, "PULSE_STATE_PATH=" + state, "HOME=" + state}
	null := "module-null-sink rate=48000 channels=2 sink_name="
	p, err := launch(detach, log, env, nil, "pulseaudio", "-n", "--daemonize=no",
		"--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes", "--realtime=no", "--high-priority=yes",
		"-L", null+micSink, "-L", null+speakerSink,
		"-L", "module-native-protocol-unix auth-anonymous=1 socket="+pulseSocket(dir))
	if err != nil {
		return nil, err
	}
	go func() { // it may end before it is ready
		select {
		case <-p.ended:
			_ = c.SetDeadline(time.Unix(1, 0))
		case <-ctx.Done():
		}
	}()
	b := make([]byte, 4096)
	for {
		n, err := c.Read(b)
		if err != nil {
			p.stop(0)
			return nil, fmt.Errorf("start pulseaudio: %w\n%s", cause(ctx, err), tail(log, 10))
		}
		if strings.Contains(string(b[:n]), "READY=1") {
			return p, nil
		}
	}
}
