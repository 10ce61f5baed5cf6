//go:build e2e

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/repo"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

// A holdTest causes a fault, or uses a feature, while a key is down.
type holdTest struct {
	name string
	test func(*testing.T, *mockSession)
	row  string // in docs/reliability.md; the invariants are checked after it
}

var holds = []holdTest{
	{"unplugged while held", unpluggedWhileHeld, "F-01"},
	{"plugged in elsewhere", pluggedInElsewhere, "F-02"},
	{"plugged in again", pluggedInAgain, "F-02"},
	{"devices come and go", devicesComeAndGo, "F-03"},
	{"events lost", eventsLost, "F-04"},
	{"down at the start", downAtTheStart, "F-05"},
	{"held for too long", heldForTooLong, "F-06"},
	{"slips", slips, "F-07"},
	{"answers out of order", answersOutOfOrder, "F-08"},
	{"backlog", backlog, "F-08"},
	{"repeats and a second device", repeatsAndSecondDevice, "F-09"},
	{"sleep", sleep, "F-10"},
	{"lock", lock, "F-28"},
	{"another terminal", anotherTerminal, "F-29"},
	{"clock set", clockSet, "F-11"},
	{"readable only later", readableLater, "F-27"},
	{"pedal", pedal, ""},
	{"grab", grab, ""},
	{"grab of a keyboard", grabOfKeyboard, ""},
	{"modes", modes, ""},
	{"cancel", cancel, ""},
	{"bindings", severalBindings, ""},
	{"chord", chord, ""},
	{"learn", learn, ""},
	{"learn a letter", learnLetter, ""},
	{"nothing else is heard", nothingElse, ""},
	{"idle", idle, ""},
}

// TestHold presses keys of many kinds and causes faults while they are down. The shipped
// daemon runs as a unit of alice's manager. The recognizer is the test itself, which
// gets the recordings and answers with words.
func TestHold(t *testing.T) {
	b := newMockSession(t)
	for _, tt := range holds {
		t.Run(tt.name, func(t *testing.T) {
			tt.test(t, b)
			if tt.row != "" {
				b.check(t)
			}
		})
	}
}

// sweeping reports whether tests that take minutes run too.
func sweeping() bool { return os.Getenv("VOCODER_SWEEP") != "" }

// rarely returns how often to repeat something: many times if sweeping.
func (b *mockSession) rarely(few, many int) int {
	if sweeping() && !b.hurried {
		return many
	}
	return few
}

// eventLimit is how long one event may take on a busy host, journalLimit how long the
// journal is followed.
func (b *mockSession) eventLimit() time.Duration   { return b.unless(30*time.Second, 8*time.Second) }
func (b *mockSession) journalLimit() time.Duration { return b.unless(3*time.Hour, 25*time.Second) }

func (b *mockSession) unless(usual, hurried time.Duration) time.Duration {
	if b.hurried {
		return hurried
	}
	return usual
}

// A mockSession is alice's session with the daemon, devices whose keys a test presses, and a
// recognizer for which a test answers.
type mockSession struct {
	rig   *rig
	heard chan *request
	log   *lines // the daemon's journal since its start
	pid   string // of the daemon

	server  *httptest.Server // the recognizer, on the host
	hurried bool             // waits are short, because the expected events do not come
}

// Paths in the machine, the recognizer's port, and durations of the settings.
const (
	settingsFile = "/home/alice/.config/vocoder/vocoder.yaml"
	port         = 8771
	preRoll      = 300 * time.Millisecond
	tail         = 200 * time.Millisecond
	around       = preRoll + tail // what a recording has in addition to the hold
)

// settings come before those of a test. The microphone is always open, so that a recording
// is as long as its hold. There is no gate, because a short hold may fall between two words.
// Each recording is sent in one piece.
const settings = `whisper_url: http://127.0.0.1:8771/v1/transcribe
whisper: {dialect: vocoder}
audio: {tail: 200ms, pre_roll: 300ms, gate: false}
background: false
debug: true
`

// quiet are settings with which the microphone is open only while needed.
const quiet = `whisper_url: http://127.0.0.1:8771/v1/transcribe
whisper: {dialect: vocoder}
audio: {linger: 0s, gate: false}
background: false
debug: true
key: KEY_F14
`

func newMockSession(t *testing.T) *mockSession {
	b := quietMockSession(t)
	talk(t)
	return b
}

// quietMockSession is a mockSession without speech.
func quietMockSession(t *testing.T) *mockSession {
	ctx := within(t, time.Minute)
	b := &mockSession{heard: make(chan *request, 64)}
	install(ctx, t)
	b.server = httptest.NewServer(b)
	t.Cleanup(b.server.Close)
	addr := b.server.Listener.Addr().String()
	ok(t, m.Forward(ctx, port, addr))
	t.Cleanup(func() { _ = m.Unforward(context.Background(), port, addr) }) // a snapshot may have ended it
	b.rig = startRig(t)
	t.Cleanup(func() { uninstall(t, b) })
	return b
}

// install puts the daemon and its unit where make install puts them.
func install(ctx context.Context, t *testing.T) {
	t.Helper()
	top, err := repo.Top()
	ok(t, err)
	dir := t.TempDir()
	unit, err := os.ReadFile(filepath.Join(top, "packaging", "vocoder.service"))
	ok(t, err)
	shipped := filepath.Join(dir, "vocoder.service")
	ok(t, os.WriteFile(shipped, []byte(strings.ReplaceAll(string(unit), "@BINDIR@", "/usr/local/bin")), 0o644))
	_, err = m.Run(ctx, "mkdir -p /usr/local/lib/systemd/user; systemctl --user -M alice@ stop vocoder 2>/dev/null; rm -f /usr/local/bin/vocoder /usr/local/bin/vocoderctl")
	ok(t, err)
	bring(ctx, t, "keyrig")
	for _, name := range []string{"vocoder", "vocoderctl"} {
		ok(t, m.Put(ctx, filepath.Join(top, "bin", name), "/usr/local/bin/"+name))
	}
	ok(t, m.Put(ctx, shipped, "/usr/local/lib/systemd/user/vocoder.service"))
	_, err = m.As(ctx, "alice", "mkdir -p ~/.config/vocoder; systemctl --user daemon-reload")
	ok(t, err)
}

// uninstall removes the settings and the programs from the machine, so that later tests do
// not find them.
func uninstall(t *testing.T, b *mockSession) {
	ctx := context.Background()
	ok(t, b.systemctl(ctx, "stop vocoder || true")) // the unit may be gone with its package
	_, err := m.Run(ctx, "rm -f "+settingsFile+" /usr/local/bin/vocoder /usr/local/bin/vocoderctl /usr/local/lib/systemd/user/vocoder.service; systemctl --user -M alice@ daemon-reload")
	ok(t, err)
}

// talk plays speech into the microphone until the test ends, so that every recording has
// speech.
func talk(t *testing.T) {
	t.Helper()
	loop := loopedSpeech(t)
	var long pcm.Clip
	for long.Rate = loop.Rate; long.Duration() < 10*time.Minute; {
		long.Samples = append(long.Samples, loop.Samples...)
	}
	p, err := m.StartPlay(t.Context(), long)
	ok(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for err == nil && p.Wait(t.Context()) == nil { // the end of the test ends it
			p, err = m.StartPlay(t.Context(), long)
		}
	}()
	t.Cleanup(func() { <-done })
}

// loopedSpeech returns the speech that talk repeats.
func loopedSpeech(t *testing.T) (all pcm.Clip) {
	t.Helper()
	clips, err := speech.Clips()
	ok(t, err)
	for _, c := range clips {
		all.Rate = c.Rate
		all.Samples = append(all.Samples, c.Samples...)
	}
	return all
}

// A request is a request of the daemon to the recognizer.
type request struct {
	pcm.Clip
	language      string
	authorization string
	answer        chan string           // gets one text; if it is closed, the recognizer fails
	reply         chan http.HandlerFunc // instead: any answer
}

// ServeHTTP implements the recognizer.
func (b *mockSession) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, _, err := r.FormFile("file")
	if err != nil { // a probe of the daemon
		http.Error(w, `{"detail":"file: field required"}`, http.StatusUnprocessableEntity)
		return
	}
	clip, err := pcm.ReadWAV(file)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	q := &request{clip, r.FormValue("language"), r.Header.Get("Authorization"), make(chan string, 1), make(chan http.HandlerFunc, 1)}
	b.heard <- q
	select {
	case text, ok := <-q.answer:
		if !ok {
			http.Error(w, `{"detail":"busy"}`, http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"text": text}) // the daemon may have given up
	case reply := <-q.reply:
		reply(w, r)
	case <-r.Context().Done():
	}
}

// start starts the daemon with these settings in addition to the usual ones, and returns
// when the daemon has a microphone.
func (b *mockSession) start(t *testing.T, more string) {
	t.Helper()
	b.startWith(t, settings+more)
	b.hears(t)
}

// startWith starts the daemon with settings, and returns when it is ready. It discards
// earlier recordings and typed text.
func (b *mockSession) startWith(t *testing.T, all string) {
	t.Helper()
	ctx := within(t, time.Minute)
	_, err := m.Feed(ctx, "alice", "systemctl --user stop vocoder; cat > "+settingsFile, strings.NewReader(all))
	ok(t, err)
	for len(b.heard) > 0 {
		<-b.heard
	}
	ok(t, m.ClearTyped(ctx))
	b.launch(t, "start")
}

// launch starts or restarts the daemon with its present settings.
func (b *mockSession) launch(t *testing.T, verb string) {
	t.Helper()
	ctx := within(t, time.Minute)
	out, err := m.As(ctx, "alice", "systemctl --user reset-failed vocoder 2>/dev/null; systemctl --user "+verb+" vocoder && systemctl --user show -p MainPID --value vocoder")
	ok(t, err)
	b.pid = strings.TrimSpace(out)
	pid := b.pid
	t.Cleanup(func() {
		if t.Failed() {
			out, err := m.Run(context.Background(), "journalctl -o short-monotonic -n 60 _PID="+pid)
			t.Logf("the daemon said (%v):\n%s", err, out)
		}
	})
	b.log = follow(within(t, b.journalLimit()), t, "root", "exec journalctl -f -n all -o cat _PID="+b.pid)
}

func (b *mockSession) systemctl(ctx context.Context, what string) error {
	_, err := m.As(ctx, "alice", "systemctl --user "+what)
	return err
}

// came waits until the daemon reads a device.
func (b *mockSession) came(t *testing.T, name string) { b.log.until(t, contains("device came", name)) }

// hears waits until the daemon has a microphone, which comes back some time after the
// session.
func (b *mockSession) hears(t *testing.T) {
	t.Helper()
	follow(within(t, time.Minute), t, "alice", "exec vocoderctl watch").until(t, func(status string) bool {
		return !strings.Contains(status, "waiting for the") && !strings.Contains(status, "opening the microphone")
	})
}

// listens waits until the daemon has sound of the microphone. On a busy host that opens late.
func (b *mockSession) listens(t *testing.T) {
	t.Helper()
	_, err := m.As(within(t, 2*time.Minute), "alice", `vocoderctl watch --levels | grep -qm1 '^{"level"'`)
	ok(t, err)
}

// pedals creates one device with a few keys that type nothing, in slot p.
func (b *mockSession) pedals(t *testing.T) {
	t.Helper()
	b.rig.do(t, "create p 05f3:00ff KEY_F14,KEY_F15,KEY_F16 VEC Footpedal")
	t.Cleanup(func() { b.rig.do(t, "destroy p") })
}

// next returns the next recording, and fails if none comes.
func (b *mockSession) next(t *testing.T) *request {
	t.Helper()
	select {
	case q := <-b.heard:
		return q
	case <-within(t, b.eventLimit()).Done():
		t.Fatal("nothing was sent to the recognizer")
		return nil
	}
}

// utterance waits for the next text that is typed, and returns the number of its
// utterance.
func (b *mockSession) utterance(t *testing.T) (id int) {
	t.Helper()
	line := b.log.until(t, contains("utterance typed"))
	_, after, _ := strings.Cut(line, "utterance=")
	_, err := fmt.Sscan(after, &id)
	ok(t, err)
	return id
}

// none fails if something was recorded.
func (b *mockSession) none(t *testing.T) {
	t.Helper()
	if len(b.heard) > 0 {
		t.Errorf("%d recordings too many; the first is of %v", len(b.heard), (<-b.heard).Duration())
	}
}

// types waits until a text is typed, and fails if it is not the wanted one.
func (b *mockSession) types(t *testing.T, want string) {
	t.Helper()
	got, err := m.WaitTyped(within(t, b.eventLimit()), func(typed string) bool { return len(typed) >= len(want) })
	if err != nil || got != want {
		t.Fatalf("typed %q, want %q (%v)", got, want, err)
	}
}

// records has the rig do what makes a hold of the given length, and returns its request.
// It fails if the recording is not as long.
func (b *mockSession) records(t *testing.T, hold time.Duration, commands ...string) *request {
	t.Helper()
	other := recordBeside(t)
	b.rig.do(t, commands...)
	q := b.next(t)
	q.spans(t, hold, other)
	return q
}

// spans fails if a recording is not as long as its hold. The tolerance is wide, because the
// microphone of the machine delivers 50 ms of sound at a time. The recording may lack what
// another recorder lacks, because the sound card of a busy host loses sound.
func (q *request) spans(t *testing.T, hold time.Duration, other *recorder) {
	t.Helper()
	const slack = 300 * time.Millisecond
	lost := max(other.lost(t), 0)
	got, want := q.Duration().Round(time.Millisecond), hold+around
	t.Logf("recorded %v of %v; another recorder lost %v", got, want, lost)
	if got < want-slack-lost || got > want+slack {
		t.Errorf("recorded %v, want %v: %v for the hold and %v around it", got, want, hold, around)
	}
}
