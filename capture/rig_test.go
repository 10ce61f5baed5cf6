package capture

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/test/isolated"
)

// missing skips the test because something is not installed. It fails the test where
// everything must be installed.
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
	name   string
	dir    string
	socket string
	fifo   string
	start  func(r *rig) // starts the server's programs
	procs  []*exec.Cmd
}

// servers are the servers that the tests run on.
var servers = []struct {
	name  string
	needs []string
	start func(*rig)
}{
	{"pulseaudio", []string{"pulseaudio", "pactl"}, startPulseAudio},
	{"pipewire", []string{"pipewire", "pipewire-pulse", "wireplumber", "dbus-daemon", "pactl"}, startPipeWire},
}

// onServers runs the test on a PulseAudio and on a PipeWire.
func onServers(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, server := range servers {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			onServer(t, server.name, test)
		})
	}
}

// onServer runs the test on the server with that name.
func onServer(t *testing.T, name string, test func(t *testing.T, r *rig)) {
	t.Helper()
	for _, server := range servers {
		if server.name != name {
			continue
		}
		for _, program := range server.needs {
			if _, err := exec.LookPath(program); err != nil {
				missing(t, "%s is not installed", program)
			}
		}
		dir := t.TempDir()
		r := &rig{t: t, name: name, dir: dir, socket: filepath.Join(dir, "pulse", "native"), fifo: filepath.Join(dir, "mic"), start: server.start}
		t.Cleanup(r.kill)
		r.up()
		test(t, r)
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
	return isolated.Environ(r.dir, "XDG_CONFIG_HOME="+r.dir+"/config", "XDG_STATE_HOME="+r.dir+"/state",
		"PULSE_RUNTIME_PATH="+filepath.Dir(r.socket), "PULSE_STATE_PATH="+r.dir, "PULSE_SERVER=unix:"+r.socket,
		"PIPEWIRE_RUNTIME_DIR="+r.dir)
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
		"-L", "module-null-sink sink_name=speaker format=s16le rate=16000 channels=1",
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
	r.pactl("load-module", "module-null-sink", "sink_name=speaker", "rate=16000", "channels=1", "channel_map=mono")
	r.pactl("load-module", "module-pipe-source", "source_name=mic", "file="+r.fifo, "format=s16le", "rate=16000", "channels=1")
	r.until("session manager", func() bool {
		_, err := r.try("set-default-source", "mic")
		return err == nil
	})
	r.until("default source", func() bool { return r.pactl("get-default-source") == "mic" })
}

// serverLimit is how long a server may take to start or to answer. On an idle machine it
// takes a second.
const serverLimit = 2 * time.Minute

// until waits for a change in a server that the server does not report.
func (r *rig) until(what string, done func() bool) {
	r.t.Helper()
	deadline := time.After(serverLimit)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			r.t.Fatalf("no %s after %v", what, serverLimit)
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
	if err := f.SetReadDeadline(time.Now().Add(serverLimit)); err != nil {
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
	ctx, cancel := context.WithTimeout(context.Background(), serverLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "pactl", args...)
	cmd.Env = r.env()
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}
