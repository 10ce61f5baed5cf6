package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A fake is a Daemon that records its commands.
type fake struct {
	server *Server
	hold   chan struct{} // if set, each command waits for it
	began  chan struct{} // if set, each command sends to it when it begins
	err    error

	mu   sync.Mutex
	now  Status
	done []Command
	text string
}

func (f *fake) Do(ctx context.Context, c Command) error {
	if f.began != nil {
		f.began <- struct{}{}
	}
	if f.hold != nil {
		select {
		case <-f.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done = append(f.done, c)
	if f.err != nil {
		return f.err
	}
	switch c {
	case Start:
		f.now.Recording = true
	case Stop, Cancel:
		f.now.Recording = false
	case Toggle:
		f.now.Recording = !f.now.Recording
	case Pause:
		f.now.Pause = "by command"
	case Resume:
		f.now.Pause = ""
	}
	f.server.Show(f.now)
	return nil
}

func (f *fake) Last() (Text, bool) { return Text{Text: f.text}, f.text != "" }

func (f *fake) told() []Command {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.done)
}

// serve runs a server for the time of the test and returns its client.
func serve(t testing.TB, f *fake, change ...func(*Server)) Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vocoder.sock")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	f.server = &Server{Daemon: f, Log: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(f.server)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.server.Run(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return Client{path}
}

// say sends bytes to a daemon and returns its whole answer. Like old scripts, it keeps its
// own side open.
func say(t testing.TB, c Client, request string) string {
	t.Helper()
	conn, err := net.Dial("unix", c.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	go func() { _, _ = conn.Write([]byte(request)) }() // it fails if the daemon closes first
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
		t.Fatalf("the connection stays open after %.40q", request)
	}
	return string(answer)
}

func quick(s *Server) { s.clientTimeout = 50 * time.Millisecond }

func TestCommands(t *testing.T) {
	type want = Reply
	f := &fake{}
	c := serve(t, f)
	for _, tt := range []struct {
		command Command
		want    want
	}{
		{Start, want{"started", true, Listening, false}},
		{Start, want{"started", true, Listening, false}},
		{Stop, want{"stopped", false, Idle, false}},
		{Toggle, want{"started", true, Listening, false}},
		{Toggle, want{"stopped", false, Idle, false}},
		{Pause, want{"paused", false, Paused, false}},
		{Resume, want{"resumed", false, Idle, false}},
		{Resume, want{"resumed", false, Idle, true}},
		{Stop, want{"stopped", false, Idle, true}},
		{Cancel, want{"cancelled", false, Idle, true}},
		{Forget, want{"forgotten", false, Idle, true}},
		{Retry, want{"retrying", false, Idle, false}},
		{Again, want{"typing", false, Idle, false}},
		{Reload, want{"reloaded", false, Idle, false}},
		{Shutdown, want{"shutting down", false, Idle, false}},
	} {
		got, err := c.Do(t.Context(), tt.command)
		if err != nil || got != tt.want {
			t.Errorf("%s: got %+v, %v; want %+v", tt.command, got, err, tt.want)
		}
		if told := f.told(); told[len(told)-1] != tt.command {
			t.Errorf("%s: daemon was told %s", tt.command, told[len(told)-1])
		}
	}
	seen := map[Command]bool{}
	for _, command := range f.told() {
		seen[command] = true
	}
	for command := range replies {
		if !seen[command] {
			t.Errorf("%s is not tested", command)
		}
	}
}

// TestNothing: the answer says whether there was anything to do.
func TestNothing(t *testing.T) {
	for _, tt := range []struct {
		c      Command
		before Status
		want   bool
	}{
		{Forget, Status{}, true},
		{Forget, Status{Kept: 1}, false},
		{Forget, Status{Refused: 1}, false},
		{Forget, Status{Kept: 1, Refused: 1}, false},
		{Cancel, Status{}, true},
		{Cancel, Status{Recording: true}, false},
		{Cancel, Status{Typing: true}, false},
		{Cancel, Status{Waiting: 1}, false},
		{Stop, Status{}, true},
		{Stop, Status{Recording: true}, false},
		{Pause, Status{}, false},
		{Pause, Status{Pause: PausedByCommand}, true},
		{Resume, Status{}, true},
		{Resume, Status{Pause: PausedByCommand}, false},
	} {
		f := &fake{}
		c := serve(t, f)
		f.server.Show(tt.before)
		if got, err := c.Do(t.Context(), tt.c); err != nil || got.Nothing != tt.want {
			t.Errorf("%s at %+v: nothing to do: %v, %v", tt.c, tt.before, got.Nothing, err)
		}
	}
}

// TestNoWord: what begins as a word does is answered as one, be it from a to z.
func TestNoWord(t *testing.T) {
	c := serve(t, &fake{})
	for _, word := range []string{"again", "cancel", "zoom"} {
		if got := say(t, c, word); !strings.Contains(got, `"error":"Unknown command`) || strings.HasPrefix(got, "HTTP") {
			t.Errorf("%s: %s", word, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	refused := func(t *testing.T, err error, code int, reason string) {
		t.Helper()
		r, ok := errors.AsType[*Refusal](err)
		if !ok || r.Code != code || r.Reason != reason {
			t.Errorf("got %#v, want %d %q", err, code, reason)
		}
	}
	t.Run("by the daemon", func(t *testing.T) {
		c := serve(t, &fake{err: errors.New("nothing is kept")})
		_, err := c.Do(t.Context(), Retry)
		refused(t, err, http.StatusConflict, "nothing is kept")
	})
	t.Run("too slow", func(t *testing.T) {
		c := serve(t, &fake{hold: make(chan struct{})}, func(s *Server) { s.commandTimeout = time.Millisecond })
		_, err := c.Do(t.Context(), Reload)
		refused(t, err, http.StatusGatewayTimeout, "reload: the daemon is busy")
	})
	t.Run("no last text", func(t *testing.T) {
		_, err := serve(t, &fake{}).Last(t.Context())
		refused(t, err, http.StatusConflict, "there is no last text")
	})
}

func TestLast(t *testing.T) {
	want := "Grüße, <b>\"x\"</b>\n\u2028" + strings.Repeat("long ", 1000)
	got, err := serve(t, &fake{text: want}).Last(t.Context())
	if err != nil || got.Text != want {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestStatus(t *testing.T) {
	f := &fake{}
	c := serve(t, f)
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f.server.Show(Status{
		Waiting: 2, Kept: 1, Lacks: map[Part]string{"microphone": "muted"}, Language: "de,en", LanguageNote: "note",
		Last: End{"refused", "silence", at}, Key: "Right Ctrl", Version: "1.2",
	})
	got, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.State != Thinking || got.Since.IsZero() || got.Last.At != at || got.Lacks["microphone"] != "muted" {
		t.Errorf("got %+v", got)
	}
	// The names are a promise to others; see PROTOCOL.md.
	got.Since = at
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"status":"running","typing_tool":"uinput","state":"thinking","since":"2026-01-02T03:04:05Z",` +
		`"recording":false,"typing":false,"waiting":2,"kept":1,"refused":0,"pause":"","lacks":{"microphone":"muted"},"language":"de,en","language_note":"note","language_set":false,"fallback":"","max_duration":0,"overlay":{"show":"","position":"","size":0,"shell":false},` +
		`"last":{"outcome":"refused","reason":"silence","at":"2026-01-02T03:04:05Z"},"key":"Right Ctrl","version":"1.2"}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
}

func TestDecide(t *testing.T) {
	lacks := map[Part]string{"key": "no keyboard"}
	for _, tt := range []struct {
		name string
		s    Status
		want State
	}{
		{"nothing", Status{Kept: 3}, Idle},
		{"recording beats all", Status{Recording: true, Typing: true, Pause: "x", Waiting: 1, Lacks: lacks}, Listening},
		{"typing beats a pause", Status{Typing: true, Pause: "x", Waiting: 1, Lacks: lacks}, Typing},
		{"texts wait for the pause to end", Status{Pause: "x", Waiting: 1, Lacks: lacks}, Paused},
		{"work goes on with a part missing", Status{Waiting: 1, Lacks: lacks}, Thinking},
		{"a part is missing", Status{Lacks: lacks}, Problem},
	} {
		if got := tt.s.Complete().State; got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f feed
		first, _, next := f.latest()
		if first.State != Idle || first.Since.IsZero() {
			t.Errorf("before the first: %+v", first)
		}
		time.Sleep(time.Minute)
		f.show(Status{})
		select {
		case <-next:
			t.Error("woken by the same status")
		default:
		}
		lacks := map[Part]string{"key": "x"}
		f.show(Status{Lacks: lacks})
		<-next
		lacks["key"] = "changed by the caller"
		second, _, _ := f.latest()
		if second.Lacks["key"] != "x" || second.Since.Sub(first.Since) != time.Minute {
			t.Errorf("got %+v", second)
		}
		time.Sleep(time.Minute)
		f.show(Status{Kept: 1, Lacks: map[Part]string{"key": "x"}})
		if third, _, _ := f.latest(); third.Since != second.Since {
			t.Error("Since changed and the state did not")
		}
	})
}

// TestOneAfterAnother: a recording that follows another at once is a new one for clients.
func TestOneAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{}
		defer s.feed.add(&reader{asks: [extraCount]bool{wordsExtra: true}})()
		for utterance := range uint64(3) {
			s.Show(Status{Recording: true, Utterance: utterance + 1})
			began := time.Now().Truncate(time.Millisecond)
			if now, _, _ := s.feed.latest(); !now.Since.Equal(began) {
				t.Errorf("%d: since %v, want %v", utterance, now.Since, began)
			}
			if line := s.feed.kinds[wordsExtra].line; line != nil {
				t.Errorf("%d has the words of another: %s", utterance, line)
			}
			s.ShowWords(Partial{Stable: "words"})
			time.Sleep(time.Minute)
			s.Show(Status{Recording: true, Utterance: utterance + 1, Waiting: 1})
			if now, _, _ := s.feed.latest(); !now.Since.Equal(began) || s.feed.kinds[wordsExtra].line == nil {
				t.Errorf("%d: since %v, want %v, and its words", utterance, now.Since, began)
			}
		}
	})
}

// Old scripts send words. The answers are those of vocoder 1.0.
func TestWords(t *testing.T) {
	f := &fake{}
	c := serve(t, f)
	for _, tt := range []struct{ say, want string }{
		{"status", `{"recording":false,"status":"running","typing_tool":"uinput"}`},
		{"toggle", `{"recording":true,"status":"started"}`},
		{"status\n", `{"recording":true,"status":"running","typing_tool":"uinput"}`},
		{"toggle", `{"recording":false,"status":"stopped"}`},
		{"start", `{"status":"started"}`},
		{"stop \r\n", `{"status":"stopped"}`},
		{"shutdown", `{"status":"shutting down"}`},
		{"startx", `{"error":"Unknown command: want one of [\"toggle\" \"start\" \"stop\" \"status\" \"shutdown\"]"}`},
		{"reload", `{"error":"Unknown command: want one of [\"toggle\" \"start\" \"stop\" \"status\" \"shutdown\"]"}`},
	} {
		if got := say(t, c, tt.say); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.say, got, tt.want)
		}
	}
	want := []Command{Toggle, Toggle, Start, Stop, Shutdown}
	if got := f.told(); !slices.Equal(got, want) {
		t.Errorf("daemon was told %v, want %v", got, want)
	}
	f.err = errors.New("the session is locked")
	if got, want := say(t, c, "start"), `{"error":"the session is locked"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The requests of PROTOCOL.md as any HTTP client writes them.
func TestRawHTTP(t *testing.T) {
	f := &fake{text: "words"}
	c := serve(t, f)
	for _, tt := range []struct {
		request, status, body string
	}{
		{"POST /v1/start HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "200", `{"status":"started","recording":true,"state":"listening"}`},
		{"POST /v1/stop HTTP/1.0\r\n\r\n", "200", `{"status":"stopped","recording":false,"state":"idle"}`},
		{"GET /v1/last HTTP/1.1\r\nHost: x\r\n\r\n", "200", `{"text":"words"}`},
		{"GET /v1/start HTTP/1.1\r\nHost: x\r\n\r\n", "405", `{"error":"method not allowed: see PROTOCOL.md for what there is"}`},
		{"POST /v1/status HTTP/1.1\r\nHost: x\r\n\r\n", "405", ``},
		{"POST /v1/start?now HTTP/1.1\r\nHost: x\r\n\r\n", "404", `{"error":"not found: see PROTOCOL.md for what there is"}`},
		{"POST /v1/%73tart HTTP/1.1\r\nHost: x\r\n\r\n", "404", ``},
		{"POST //v1/start HTTP/1.1\r\nHost: x\r\n\r\n", "404", ``},
		{"PUT /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n", "404", ``},
		{"POST /v1/stop HTTP/1.1\r\nHost: x\r\n\r\nPOST /v1/start HTTP/1.1\r\nHost: x\r\n\r\n", "200", `{"status":"stopped","recording":false,"state":"idle","nothing":true}`},
	} {
		got := say(t, c, tt.request)
		head, body, _ := strings.Cut(got, "\r\n\r\n")
		if !strings.HasPrefix(head, "HTTP/1.") || strings.Fields(head)[1] != tt.status {
			t.Errorf("%q: got %.40q, want %s", tt.request, head, tt.status)
		}
		if tt.body != "" && strings.TrimSpace(body) != tt.body {
			t.Errorf("%q: got %s, want %s", tt.request, body, tt.body)
		}
		if tt.status == "200" && !strings.Contains(head, "Cache-Control: no-store") {
			t.Errorf("%q: answer may be stored", tt.request)
		}
	}
	if got, want := f.told(), []Command{Start, Stop, Stop}; !slices.Equal(got, want) {
		t.Errorf("daemon was told %v, want %v", got, want)
	}
}

func TestRoute(t *testing.T) {
	good := map[string]bool{"GET /v1/status": true, "GET /v1/watch": true, "GET /v1/last": true}
	for c := range maps.Keys(replies) {
		good["POST /v1/"+string(c)] = true
	}
	for request := range good {
		method, target, _ := strings.Cut(request, " ")
		if _, code := route(method, target); code != http.StatusOK {
			t.Errorf("%s: %d", request, code)
		}
	}
}
