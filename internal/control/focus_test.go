package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
)

// What the desktop says reaches the daemon with the process that says it. Anything else than
// PROTOCOL.md has is refused.
func TestFocus(t *testing.T) {
	var got Focus
	var from int
	var answer error
	f := &fake{}
	c := serve(t, f, func(s *Server) {
		s.SetFocus = func(_ context.Context, pid int, f Focus) error {
			got, from = f, pid
			return answer
		}
	})
	put := func(body string) string {
		return say(t, c, fmt.Sprintf("PUT /v1/desktop HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	}
	const whole = `{"source":"xkb:us+dvorak","app":"org.gnome.Console","window":"17","password":true,"later":[1]}`
	if s := put(whole); !strings.HasPrefix(s, "HTTP/1.1 200 ") || !strings.Contains(s, `{"status":"noted"}`) {
		t.Errorf("got %s", s)
	}
	if want := (Focus{"xkb:us+dvorak", "org.gnome.Console", "17", true, false}); got != want || from != os.Getpid() {
		t.Errorf("got %+v from %d", got, from)
	}
	if s := put("{}"); !strings.HasPrefix(s, "HTTP/1.1 200 ") || got != (Focus{}) {
		t.Errorf("got %s, %+v", s, got)
	}
	got.App = "unchanged"
	for _, body := range []string{"", "x", "[]", `{"app":1}`, `{"password":"yes"}`, `{"app":"` + strings.Repeat("a", 257) + `"}`, `{"app":"a\nb"}`, `{"source":"\u0000"}`,
		`{"x":"` + strings.Repeat("a", maxFocus) + `"}`, strings.Repeat("[", 1000)} {
		if s := put(body); !strings.HasPrefix(s, "HTTP/1.1 400 ") || got.App != "unchanged" {
			t.Errorf("%.40q: got %.60q", body, s)
		}
	}
	for request, code := range map[string]int{
		"GET /v1/desktop": 405, "POST /v1/desktop": 405, "PUT /v1/status": 405, "PUT /v1/desk": 404, "PUT /v1/desktop?x=1": 404,
	} {
		if s := say(t, c, request+" HTTP/1.1\r\nHost: x\r\n\r\n"); !strings.HasPrefix(s, fmt.Sprintf("HTTP/1.1 %d ", code)) {
			t.Errorf("%s: got %.60q", request, s)
		}
	}
	for err, code := range map[error]int{&Refusal{http.StatusForbidden, "only the shell"}: 403, errors.New("no"): 409} {
		answer = err
		if s := put("{}"); !strings.HasPrefix(s, fmt.Sprintf("HTTP/1.1 %d ", code)) || !strings.Contains(s, err.Error()) {
			t.Errorf("%v: got %.200q", err, s)
		}
	}
}
