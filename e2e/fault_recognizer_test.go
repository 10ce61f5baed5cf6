//go:build e2e

package e2e_test

import (
	"compress/gzip"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/dictate"
)

// recognizerDown checks that the daemon sends a clip again by itself if no program
// listens on the recognizer's port, and types the text as soon as one does.
func recognizerDown(t *testing.T, f *faultSession) {
	addr := f.server.Listener.Addr().String()
	ok(t, m.Unforward(within(t, time.Minute), port, addr))
	f.server.CloseClientConnections() // the connections that are kept for the next utterance
	l := fromNow(t, "_SYSTEMD_USER_UNIT=vocoder.service")
	f.rig.do(t, holding("KEY_F14", 700*time.Millisecond))
	l.until(t, contains("recognizer does not answer"))
	ok(t, m.Forward(within(t, time.Minute), port, addr))
	f.answers(t, f.next(t), flower+" after all")
}

// as returns a handler that answers with a body of the type, and more headers.
func as(status int, kind, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // a client that stops reading has given up, as it should
	}
}

// endless answers with a gigabyte, which is a few hundred kilobytes when compressed.
func endless(zipped bool) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		var body io.Writer = w
		if zipped {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			defer z.Close()
			body = z
		}
		_, _ = io.WriteString(body, `{"text":"`)
		block := strings.Repeat("a", 1<<20)
		for range 1 << 10 {
			if _, err := io.WriteString(body, block); err != nil {
				return // the daemon has read enough
			}
		}
	}
}

// badAnswers checks that the daemon sends a clip again after a temporary error, and
// keeps it after others. It types none of the answers and follows no redirect, and an
// endless answer does not fill its memory.
func badAnswers(t *testing.T, f *faultSession) {
	const plain, asJSON = "text/plain", "application/json"
	for _, tt := range []struct {
		name  string
		reply http.HandlerFunc
		again bool
	}{
		{"500", as(500, plain, flower), true},
		{"429", as(429, asJSON, `{"error":{"message":"slow"}}`), true},
		{"broken off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true},
		{"400", as(400, plain, flower), false},
		{"redirect", as(307, plain, "", "Location", "/elsewhere"), false},
		{"page", as(200, "text/html", "<!DOCTYPE html><p>"+flower), false},
		{"half of it", as(200, asJSON, `{"text":"`+flower), false},
		{"two texts", as(200, asJSON, `{"text":"`+flower+`"} {"text":"b"}`), false},
		{"deep", as(200, asJSON, strings.Repeat("[", 50_000)), false},
		{"other characters", as(200, plain+"; charset=iso-8859-1", "caf\xe9"), false},
		{"a gigabyte", endless(false), false},
		{"a gigabyte, zipped", endless(true), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q, l := f.hold(t)
			q.reply <- tt.reply
			if !tt.again {
				l.until(t, contains("utterance kept", "reason="+string(dictate.NoAnswer)))
				f.alice(t, "vocoderctl retry")
			}
			f.answers(t, f.next(t), flower+" "+tt.name)
		})
	}
	peak := strings.Fields(f.root(t, "grep VmHWM /proc/"+f.pid+"/status"))
	t.Logf("the daemon's memory was never more than %s kB", peak[1])
	if kb, err := strconv.Atoi(peak[1]); err != nil || kb > 64<<10 {
		t.Errorf("the daemon took %v", peak)
	}
}

// controlCharacters checks that no character that moves a cursor, ends a line, changes a
// direction or hides a word reaches the window.
func controlCharacters(t *testing.T, f *faultSession) {
	for _, tt := range []struct{ name, said, want string }{
		{"escape, bell, delete", `\u001b[2J` + flower + ` is\u0007 red\u007f`, "[2J" + flower + " is red "},
		{"line ends", `\r\n` + flower + `\n\ntwo\u2028three\u0085four\tfive\u0003\u0004`, flower + " two three four five "},
		{"direction and hidden", flower + `\u202ea\u2066b\u2069 \ufeffpass\u200bword`, flower + "ab password "},
		{"half of a pair", flower + ` \ud83d a\ufffdb \udc4d c`, flower + " ab c "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q, _ := f.hold(t)
			q.reply <- as(200, "application/json", `{"text":"`+tt.said+`"}`)
			f.typed += tt.want
			f.types(t, f.typed)
		})
	}
}

// madeUp checks that the daemon refuses text that cannot have been spoken, and that the
// status says so.
func madeUp(t *testing.T, f *faultSession) {
	for _, tt := range []struct{ name, said string }{
		{"repetition", strings.Repeat("the ", 60)},
		{"faster than speech", strings.Repeat(flower+" was never said so fast as this, ", 3)},
		{"credits", "Subtitles by the Amara.org community"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q, l := f.hold(t)
			q.answer <- tt.said
			l.until(t, contains("utterance refused", "not speech"))
			if s := f.alice(t, "vocoderctl status --json"); !strings.Contains(s, `"last":{"outcome":"refused","reason":"not speech"`) {
				t.Errorf("I3: the status says %s", s)
			}
		})
	}
}

// recognizerByTLS checks that the daemon verifies a certificate before it sends a
// sample, and accepts the user's own authority. Without TLS nothing leaves the machine.
func recognizerByTLS(t *testing.T, f *faultSession) {
	const far = 8774
	server := httptest.NewTLSServer(f.mockSession)
	t.Cleanup(server.Close)
	addr := server.Listener.Addr().String()
	ok(t, m.Forward(within(t, time.Minute), far, addr))
	t.Cleanup(func() { ok(t, m.Unforward(context.Background(), far, addr)) })
	const authority = "/home/alice/.config/vocoder/ca.pem"
	_, err := m.Feed(within(t, time.Minute), "alice", "cat > "+authority,
		strings.NewReader(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))))
	ok(t, err)
	f.later(t, "rm -f "+authority)
	secured := strings.Replace(settings, "http://127.0.0.1:8771", fmt.Sprintf("https://127.0.0.1:%d", far), 1) + "key: KEY_F14\n"

	f.startWith(t, secured)
	f.hears(t)
	l := fromNow(t, "_SYSTEMD_USER_UNIT=vocoder.service")
	f.rig.do(t, holding("KEY_F14", 700*time.Millisecond))
	l.until(t, contains("utterance kept", "reason="+string(dictate.NoAnswer)))
	f.none(t)
	if s := f.alice(t, "vocoderctl status --json"); !strings.Contains(s, "certificate") {
		t.Errorf("the status says nothing of a certificate: %s", s)
	}

	f.startWith(t, strings.Replace(secured, "dialect: vocoder", "dialect: vocoder, ca_file: "+authority, 1))
	f.hears(t)
	f.says(t, flower+" secured")

	out := f.alice(t, "WHISPER_URL=http://192.0.2.7/v1/transcribe vocoder config check 2>&1; echo status $?")
	if !strings.Contains(out, "use https") || !strings.Contains(out, "status 78") {
		t.Errorf("of a recognizer elsewhere in the clear it is said %q", out)
	}
	f.dictate(t)
	f.typed = ""
}
