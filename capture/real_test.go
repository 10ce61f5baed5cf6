package capture

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// missing skips the test for want of something, or fails it where everything
// has to be there.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("VOCODER_SOUND") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// A rig is a private sound server with a microphone that the test speaks into.
type rig struct {
	t      *testing.T
	dir    string
	socket string
	fifo   string
	start  func(r *rig) // starts the server's programs
	procs  []*exec.Cmd
}

// onServers runs the test on a PulseAudio and on a PipeWire.
func onServers(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	for _, server := range []struct {
		name  string
		needs []string
		start func(*rig)
	}{
		{"pulseaudio", []string{"pulseaudio", "pactl"}, startPulseAudio},
		{"pipewire", []string{"pipewire", "pipewire-pulse", "wireplumber", "dbus-daemon", "pactl"}, startPipeWire},
	} {
		t.Run(server.name, func(t *testing.T) {
			for _, program := range server.needs {
				if _, err := exec.LookPath(program); err != nil {
					missing(t, "%s is not installed", program)
				}
			}
			dir := t.TempDir()
			r := &rig{t: t, dir: dir, socket: filepath.Join(dir, "pulse", "native"), fifo: filepath.Join(dir, "mic"), start: server.start}
			t.Cleanup(r.kill)
			r.up()
			test(t, r)
		})
	}
}

// up starts the server and waits until it answers.
func (r *rig) up() {
	r.t.Helper()
	if err := os.MkdirAll(filepath.Dir(r.socket), 0o700); err != nil {
		r.t.Fatal(err)
	}
	r.start(r)
	r.pactl("info")
}

// run starts a program of the server and returns its standard output.
func (r *rig) run(name string, args ...string) io.Reader {
	r.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = r.env()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(r.dir, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		r.t.Fatal(err)
	}
	defer log.Close()
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.procs = append(r.procs, cmd)
	return out
}

func (r *rig) env() []string {
	return append(os.Environ(),
		"XDG_RUNTIME_DIR="+r.dir, "HOME="+r.dir, "XDG_CONFIG_HOME="+r.dir+"/config", "XDG_STATE_HOME="+r.dir+"/state",
		"PULSE_RUNTIME_PATH="+filepath.Dir(r.socket), "PULSE_STATE_PATH="+r.dir, "PULSE_SERVER=unix:"+r.socket,
		"DBUS_SESSION_BUS_ADDRESS=unix:path="+r.dir+"/bus", "PIPEWIRE_RUNTIME_DIR="+r.dir)
}

// signal sends a signal to every program of the server.
func (r *rig) signal(s syscall.Signal) {
	for _, p := range r.procs {
		_ = p.Process.Signal(s) // it may be gone
	}
}

// kill ends the server at once.
func (r *rig) kill() {
	r.signal(syscall.SIGCONT)
	r.signal(syscall.SIGKILL)
	for _, p := range r.procs {
		_ = p.Wait() // killed
	}
	r.procs = nil
}

func startPulseAudio(r *rig) {
	_ = os.Remove(r.socket) // a killed server leaves it
	_ = os.Remove(r.fifo)
	r.run("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
		"-L", "module-null-sink sink_name=speaker",
		"-L", "module-pipe-source source_name=mic file="+r.fifo+" format=s16le rate=16000 channels=1",
		"-L", "module-native-protocol-unix socket="+r.socket+" auth-anonymous=1")
	r.appears(r.socket)
	r.pactl("set-default-source", "mic")
}

const pipewireConf = `context.properties = {
	default.clock.rate = 16000
	default.clock.allowed-rates = [ 16000 ]
	default.clock.quantum = 320
	default.clock.min-quantum = 64
	default.clock.max-quantum = 1024
}
`

func startPipeWire(r *rig) {
	conf := filepath.Join(r.dir, "config", "pipewire", "pipewire.conf.d")
	if err := os.MkdirAll(conf, 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(conf, "rate.conf"), []byte(pipewireConf), 0o600); err != nil {
		r.t.Fatal(err)
	}
	for _, s := range []string{r.socket, r.socket + ".lock", r.dir + "/pipewire-0", r.dir + "/pipewire-0.lock", r.dir + "/bus", r.fifo} {
		_ = os.Remove(s) // a killed server leaves it
	}
	bus := r.run("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address", "--address=unix:path="+r.dir+"/bus")
	if _, err := bufio.NewReader(bus).ReadString('\n'); err != nil {
		r.t.Fatal("dbus-daemon:", err)
	}
	r.run("pipewire")
	r.appears(r.dir + "/pipewire-0")
	r.run("wireplumber")
	r.run("pipewire-pulse")
	r.appears(r.socket)
	r.pactl("load-module", "module-null-sink", "sink_name=speaker")
	r.pactl("load-module", "module-pipe-source", "source_name=mic", "file="+r.fifo, "format=s16le", "rate=16000", "channels=1")
	r.until("session manager", func() bool {
		_, err := r.try("set-default-source", "mic")
		return err == nil
	})
	r.until("default source", func() bool { return r.pactl("get-default-source") == "mic" })
}

// until waits for something that a server does without telling.
func (r *rig) until(what string, done func() bool) {
	r.t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			r.t.Fatalf("no %s after 20 s", what)
		}
	}
}

// appears waits until a path exists.
func (r *rig) appears(path string) {
	r.t.Helper()
	dir, base := filepath.Split(path)
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK)
	if err != nil {
		r.t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "inotify")
	defer f.Close()
	if _, err := syscall.InotifyAddWatch(fd, dir, syscall.IN_CREATE|syscall.IN_MOVED_TO); err != nil {
		r.t.Fatal(err)
	}
	if err := f.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		r.t.Fatal(err)
	}
	buf := make([]byte, 4096)
	for {
		if _, err := os.Stat(path); err == nil {
			return
		}
		if _, err := f.Read(buf); err != nil {
			r.t.Fatalf("%s did not appear: %v", base, err)
		}
	}
}

// pactl runs pactl and returns what it printed.
func (r *rig) pactl(args ...string) string {
	r.t.Helper()
	out, err := r.try(args...)
	if err != nil {
		r.t.Fatalf("pactl %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return out
}

func (r *rig) try(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "pactl", args...)
	cmd.Env = r.env()
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// A speaker is somebody before the microphone, who speaks a ramp: every sample
// says when it was spoken. The microphone is a FIFO that the server reads at a
// pace of its own, so the speaker keeps some samples in it and reckons with
// the time they lie there; while nobody reads they are zeros.
type speaker struct {
	began time.Time
	stop  context.CancelFunc
	done  sync.WaitGroup

	fd      int
	flowing bool  // the server reads
	next    int64 // sample to be written next
	last    time.Time
	lying   int // samples in the FIFO after the last write
	still   int // ticks since the server last read
}

const (
	ramp     = 32000 // the samples count through so many values, none of them zero
	lead     = 640   // samples in the FIFO: two periods of PipeWire
	tick     = 5 * time.Millisecond
	pipeSize = 4096
)

// speak speaks until the test ends.
func (r *rig) speak() *speaker {
	r.t.Helper()
	f, err := os.OpenFile(r.fifo, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	s := &speaker{began: time.Now(), fd: int(f.Fd())}
	if _, err := unix.FcntlInt(f.Fd(), unix.F_SETPIPE_SZ, pipeSize); err != nil {
		r.t.Fatal(err)
	}
	if err := syscall.SetNonblock(s.fd, true); err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.done.Go(func() {
		defer f.Close()
		t := time.NewTicker(tick)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				s.utter(time.Now())
			}
		}
	})
	r.t.Cleanup(s.close)
	return s
}

func (s *speaker) close() {
	s.stop()
	s.done.Wait()
}

// utter writes what is to be spoken since the last call.
func (s *speaker) utter(now time.Time) {
	lying, err := unix.IoctlGetInt(s.fd, unix.TIOCINQ)
	if err != nil {
		return
	}
	lying /= 2
	if s.still++; lying < s.lying {
		s.still = 0
	}
	due := s.index(now) - s.index(s.last)
	switch s.last = now; {
	case s.flowing && s.still > 60:
		s.flowing = false
	case !s.flowing && s.still == 0:
		s.flowing, s.next = true, s.index(now)+int64(lying)
	}
	if !s.flowing {
		due = int64(max(0, lead-lying))
	}
	b := make([]byte, 0, 2*due)
	for range due {
		v := uint16(0)
		if s.flowing {
			v = uint16(s.next%ramp + 1)
			s.next++
		}
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	n, _ := syscall.Write(s.fd, b) // full: lost
	s.lying = lying + max(n, 0)/2
}

// index returns which sample is spoken at a time.
func (s *speaker) index(at time.Time) int64 { return samples(at.Sub(s.began)) }

// spoken returns which sample, near the given one, has this value.
func (s *speaker) spoken(value int16, near int64) int64 {
	want := int64(value) - 1
	turn := (near - want + ramp/2) / ramp
	return turn*ramp + want
}

// recorder runs a Recorder in the background and waits until it is ready.
func (r *rig) recorder(c Config) *Recorder {
	r.t.Helper()
	c.Server = r.socket
	ready := make(chan State, 64)
	c.Hooks.State = func(s State) {
		select {
		case ready <- s:
		default:
		}
	}
	rec := New(c)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- rec.Run(ctx) }()
	r.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			r.t.Errorf("Run: %v", err)
		}
	})
	for s := range ready {
		if s.Ready() {
			break
		}
	}
	return rec
}

// hold records for so long and returns the moments of press and release.
func hold(t *testing.T, rec *Recorder, d time.Duration) (clip pcm.Clip, press, release time.Time, err error) {
	t.Helper()
	stop := make(chan struct{})
	press = time.Now()
	timer := time.AfterFunc(d, func() {
		release = time.Now()
		close(stop)
	})
	defer timer.Stop()
	clip, err = rec.Record(context.Background(), stop)
	return clip, press, release, err
}

// TestExact checks sample by sample that a recording begins with the press and
// ends with the release and the tail.
func TestExact(t *testing.T) {
	onServers(t, func(t *testing.T, r *rig) {
		if strings.HasSuffix(t.Name(), "pipewire") {
			t.Skip("PipeWire's FIFO source pads and drops samples")
		}
		s := r.speak()
		rec := r.recorder(Config{})
		for i := range 5 {
			clip, press, release, err := hold(t, rec, 700*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			s.check(t, i == 0, clip, press, release.Add(DefaultTail))
		}
	})
}

// check compares a clip with what was spoken from press to end. The speaker's
// own clock is good to a tick.
func (s *speaker) check(t *testing.T, cold bool, clip pcm.Clip, press, end time.Time) {
	t.Helper()
	zeros := 0
	for zeros < len(clip.Samples) && clip.Samples[zeros] == 0 {
		zeros++
	}
	if zeros == len(clip.Samples) {
		t.Fatalf("%d samples, all zero", zeros)
	}
	spoken := clip.Samples[zeros:]
	for i := range spoken[1:] {
		if d := spoken[i+1] - spoken[i]; d != 1 && d != 1-ramp {
			t.Fatalf("sample %d: %d after %d", zeros+i+1, spoken[i+1], spoken[i])
		}
	}
	first := s.spoken(spoken[0], s.index(press)) - s.index(press)
	last := s.spoken(spoken[len(spoken)-1], s.index(end)) - s.index(end)
	t.Logf("cold %v: first sample %+.1f ms from the press, last %+.1f ms from the end", cold, ms(first), ms(last))
	slack := samples(2 * tick)
	if !cold && (first > slack || zeros > 0) {
		t.Errorf("%d zeros, first sample %+.1f ms after the press", zeros, ms(first))
	}
	if last < -slack || last > 2*samples(early) {
		t.Errorf("last sample %+.1f ms from the end", ms(last))
	}
}

func ms(n int64) float64 { return float64(n) * 1000 / pcm.Rate }
