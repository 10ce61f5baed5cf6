package control

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The formula of PROTOCOL.md.
func TestLevelOf(t *testing.T) {
	for _, tt := range []struct {
		db   float64
		want int
	}{{-96, 0}, {-60, 0}, {-59.8, 0}, {-59, 2}, {-45, 25}, {-30, 50}, {-20, 67}, {-0.1, 100}, {0, 100}, {3, 100}} {
		if got := levelOf(tt.db).Level; got != tt.want {
			t.Errorf("%v dB: got %d, want %d", tt.db, got, tt.want)
		}
	}
}

// A meter makes at most 15 levels a second, however the frames come, and no peak is lost.
func TestMeter(t *testing.T) {
	for _, frame := range []time.Duration{0, time.Millisecond, 10 * time.Millisecond, 32 * time.Millisecond, 100 * time.Millisecond} {
		t.Run(frame.String(), func(t *testing.T) {
			var m meter
			now := time.Now()
			var sent []time.Time
			loudest := 0
			for i := range 1000 {
				peak := -50.0
				if i == 7 {
					peak = 0
				}
				if l, due := m.add(peak, now); due {
					sent, loudest = append(sent, now), max(loudest, l.Level)
				}
				now = now.Add(frame)
			}
			for i := range len(sent) - 15 {
				if d := sent[i+15].Sub(sent[i]); d < time.Second {
					t.Fatalf("16 levels in %v", d)
				}
			}
			if frame > 0 && loudest != 100 {
				t.Errorf("the loudest level is %d, want 100", loudest)
			}
		})
	}
}

// A feedReader reads the raw events of a watch.
type feedReader struct {
	t     *testing.T
	conn  net.Conn
	lines *bufio.Reader
}

func openFeed(t *testing.T, c Client, query string) *feedReader {
	t.Helper()
	conn, err := net.Dial("unix", c.Path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(conn, "GET /v1/watch%s HTTP/1.1\r\nHost: x\r\n\r\n", query); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", query, resp.Status)
	}
	return &feedReader{t, conn, bufio.NewReader(resp.Body)}
}

// next returns the next event as "NAME DATA".
func (r *feedReader) next() string {
	r.t.Helper()
	var all []string
	for len(all) < 2 {
		line, err := r.lines.ReadString('\n')
		if err != nil {
			r.t.Fatal(err)
		}
		if _, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); ok {
			all = append(all, value)
		}
	}
	return strings.Join(all, " ")
}

// Only a reader that asks for levels gets them, after the status that says listening, and
// only while the daemon records. The other one gets statuses alone.
func TestLevels(t *testing.T) {
	f := &fake{}
	c := serve(t, f)
	plain, loud := openFeed(t, c, ""), openFeed(t, c, "?levels=1")
	for _, r := range []*feedReader{plain, loud} {
		if got := r.next(); !strings.Contains(got, `"state":"idle"`) {
			t.Fatalf("first: %s", got)
		}
	}
	f.server.Peak(-30) // nothing is recorded
	f.server.Show(Status{Recording: true})
	f.server.Peak(0)
	want := []string{`"state":"listening"`, `level {"level":100}`}
	for _, w := range want {
		if got := loud.next(); !strings.Contains(got, w) {
			t.Fatalf("got %s, want %s", got, w)
		}
	}
	f.server.Show(Status{})
	f.server.Peak(0) // the tail
	f.server.Show(Status{Kept: 1})
	for _, w := range []string{`"state":"idle"`, `"kept":1`} {
		got := loud.next()
		if !strings.HasPrefix(got, "status ") {
			t.Errorf("a level after the recording: %s", got)
		}
		if strings.Contains(got, `"kept":1`) {
			break // both at once
		}
		if !strings.Contains(got, w) {
			t.Errorf("got %s, want %s", got, w)
		}
	}
	for {
		got := plain.next()
		if !strings.HasPrefix(got, "status ") {
			t.Fatalf("a reader that did not ask got %s", got)
		}
		if strings.Contains(got, `"kept":1`) {
			break
		}
	}
}

// Watch can be asked for what PROTOCOL.md says, and for nothing else.
func TestWatchQuery(t *testing.T) {
	f := &fake{}
	c := serve(t, f)
	for _, tt := range []struct {
		target string
		code   int
	}{
		{"watch?", 400}, {"watch?levels", 400}, {"watch?levels=0", 400}, {"watch?level=1", 400}, {"watch?levels=1&", 400},
		{"watch?levels=1&x=1", 400}, {"watch?l%65vels=1", 400}, {"status?levels=1", 404}, {"last?levels=1", 404}, {"?levels=1", 404},
	} {
		want := fmt.Sprintf("HTTP/1.1 %d ", tt.code)
		if got := say(t, c, "GET /v1/"+tt.target+" HTTP/1.1\r\nHost: x\r\n\r\n"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %.60q, want %s", tt.target, got, want)
		}
	}
	if got := say(t, c, "POST /v1/watch?levels=1 HTTP/1.1\r\nHost: x\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 405 ") {
		t.Errorf("POST: got %.60q", got)
	}
	r := openFeed(t, c, "?levels=1&levels=1")
	r.next()
	f.server.Show(Status{Recording: true})
	f.server.Peak(0)
	r.next()
	if got := r.next(); got != `level {"level":100}` {
		t.Errorf("asked twice: %s", got)
	}
}

// Only a reader that asks for words gets them, only while the daemon records, and nothing is
// left of them afterwards. The daemon knows whether there is such a reader.
func TestPartial(t *testing.T) {
	f := &fake{}
	c := serve(t, f)
	plain, loud, live := openFeed(t, c, ""), openFeed(t, c, "?levels=1"), openFeed(t, c, "?levels=1&partial=1")
	readers := []*feedReader{plain, loud, live}
	for _, r := range readers {
		r.next()
	}
	if f.server.WordsWanted() {
		t.Error("words are wanted although nothing is recorded")
	}
	f.server.ShowWords(Partial{Stable: "canary"})
	f.server.Show(Status{Recording: true})
	for _, r := range readers {
		if got := r.next(); !strings.Contains(got, `"state":"listening"`) || strings.Contains(got, "canary") {
			t.Errorf("got %s", got)
		}
	}
	if !f.server.WordsWanted() {
		t.Error("no words are wanted")
	}
	f.server.ShowWords(Partial{Stable: "one ", Provisional: "<two"})
	if got, want := live.next(), `words {"stable":"one ","provisional":"\u003ctwo"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	late := openFeed(t, c, "?partial=1")
	late.next()
	if got := late.next(); !strings.HasPrefix(got, "words ") {
		t.Errorf("a late reader got %s", got)
	}
	line := f.server.feed.kinds[wordsExtra].line
	f.server.Show(Status{Waiting: 1})
	f.server.ShowWords(Partial{Stable: "late"})
	if strings.Trim(string(line), "\x00") != "" || f.server.feed.kinds[wordsExtra].line != nil || f.server.WordsWanted() {
		t.Errorf("%q is left after the recording", line)
	}
	f.server.Show(Status{Recording: true})
	f.server.Show(Status{Kept: 1})
	for _, r := range append(readers, late) {
		for got := ""; !strings.Contains(got, `"kept":1`); {
			if got = r.next(); !strings.HasPrefix(got, "status ") {
				t.Errorf("got %s", got)
			}
		}
	}
}

// A reader that does not read delays neither the daemon nor another reader, and its
// connection is closed.
func TestSlowLevelReader(t *testing.T) {
	f := &fake{}
	c := serve(t, f, func(s *Server) { s.clientTimeout = 5 * time.Second }) // a reader on a busy host is slow, too
	stopped, good := openFeed(t, c, "?levels=1"), openFeed(t, c, "?levels=1")
	_ = stopped
	good.next()
	f.server.Show(Status{Recording: true})
	good.next()
	for i := range 20 {
		f.server.Show(Status{Recording: true, Key: fmt.Sprint(i, strings.Repeat("x", 200<<10))}) // fills the socket
		for {
			f.server.Peak(0)
			if got := good.next(); strings.HasPrefix(got, "status ") {
				break
			}
		}
	}
	for deadline := time.Now().Add(time.Minute); ; {
		f.server.feed.mu.Lock()
		n := f.server.feed.kinds[levelExtra].readers
		f.server.feed.mu.Unlock()
		if n == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d readers are left", n)
		}
		f.server.Peak(0)
	}
}

// Without a reader that asks for levels, the daemon computes none.
func TestNoLevelReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := Server{}
		s.Show(Status{Recording: true})
		s.Peak(0)
		if s.feed.kinds[levelExtra].turn != 0 {
			t.Error("a level without a reader")
		}
		leave := s.feed.add(&reader{asks: [extraCount]bool{levelExtra: true}})
		s.Peak(0)
		time.Sleep(levelPause)
		s.Peak(-30)
		leave()
		time.Sleep(levelPause)
		s.Peak(0)
		if s.feed.kinds[levelExtra].turn != 2 {
			t.Errorf("%d levels, want 2", s.feed.kinds[levelExtra].turn)
		}
	})
}

// Follow calls the function of each event, and asks for levels only with a function for
// them.
func TestFollow(t *testing.T) {
	f := &fake{}
	c := serve(t, f)
	done := errors.New("done")
	var seen []string
	err := c.Follow(t.Context(), Events{
		Status: func(s Status) error {
			seen = append(seen, string(s.State))
			if s.State == Idle {
				f.server.Show(Status{Recording: true})
			} else {
				f.server.Peak(-30)
			}
			return nil
		},
		Level: func(l Level) error { seen = append(seen, fmt.Sprint(l.Level)); return done },
	})
	if want := []string{"idle", "listening", "50"}; err != done || !slices.Equal(seen, want) {
		t.Errorf("got %q, %v; want %q", seen, err, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := c.Follow(ctx, Events{Status: func(Status) error { cancel(); return nil }}); err != nil {
		t.Error(err)
	}
	f.server.feed.mu.Lock()
	defer f.server.feed.mu.Unlock()
	if f.server.feed.kinds[levelExtra].readers > 1 {
		t.Error("a reader of statuses alone asked for levels")
	}
}

// TestFollowAsks: the daemon makes words only while a client has a use for them.
func TestFollowAsks(t *testing.T) {
	for _, tt := range []struct {
		e     Events
		wants bool
	}{
		{Events{}, false},
		{Events{Level: func(Level) error { return nil }}, false},
		{Events{Words: func(Partial) error { return nil }}, true},
		{Events{Level: func(Level) error { return nil }, Words: func(Partial) error { return nil }}, true},
	} {
		f := &fake{}
		c := serve(t, f)
		f.server.Show(Status{Recording: true})
		ctx, cancel := context.WithCancel(t.Context())
		wanted := false
		tt.e.Status = func(Status) error { wanted = f.server.WordsWanted(); cancel(); return nil }
		if err := c.Follow(ctx, tt.e); err != nil || wanted != tt.wants {
			t.Errorf("levels %v, words %v: words are wanted: %v, %v", tt.e.Level != nil, tt.e.Words != nil, wanted, err)
		}
		cancel()
	}
}
