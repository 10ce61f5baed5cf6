package whisper

import (
	"strings"
	"testing"
	"time"
)

// TestDepth: an answer may be nested as deep as maxDepth, also one with an error or a list of
// models, and is not read if it is deeper.
func TestDepth(t *testing.T) {
	// nested is JSON of a depth, with a member next to the deep one.
	nested := func(depth int, member string) []byte {
		return []byte(`{` + member + `,"x":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`)
	}
	for depth, want := range map[int]bool{2: true, maxDepth: true, maxDepth + 1: false} {
		r, err := decode("application/json", nested(depth, `"text":"Hello."`))
		if got := err == nil && r.text == "Hello."; got != want {
			t.Errorf("words %d deep: %q, %v", depth, r.text, err)
		}
		if got := parseServerError(nested(depth, `"error":"no"`)).text == "no"; got != want {
			t.Errorf("an error %d deep is read: %v", depth, got)
		}
		if depth > 3 { // the list itself is three deep
			if got := len(parseModels(nested(depth, `"data":[{"id":"base"}]`))) == 1; got != want {
				t.Errorf("models %d deep are read: %v", depth, got)
			}
		}
	}
}

// TestModelLimits: a list of models is read up to its limits.
func TestModelLimits(t *testing.T) {
	list := func(n, length int) []byte {
		one := `{"id":"` + strings.Repeat("x", length) + `"}`
		return []byte(`{"data":[` + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + `]}`)
	}
	for _, tt := range []struct{ n, length, want int }{
		{1, 1, 1}, {maxModels, 1, maxModels}, {maxModels + 1, 1, 0}, {1, maxModelName, 1}, {1, maxModelName + 1, 0}, {0, 1, 0}, {2, 0, 0},
	} {
		if got := len(parseModels(list(tt.n, tt.length))); got != tt.want {
			t.Errorf("%d names of %d bytes: %d are read, want %d", tt.n, tt.length, got, tt.want)
		}
	}
}

// TestEmptyErrors: an error without a reason is an error, with its status.
func TestEmptyErrors(t *testing.T) {
	for _, body := range []string{
		``, `{}`, `[]`, `null`, `{"error":null}`, `{"error":{}}`, `{"detail":[]}`, `{"detail":[{}]}`, `{"detail":[{"loc":[]}]}`,
		`{"detail":[{"loc":[7]}]}`, `{"detail":{}}`, `{"message":""}`,
	} {
		if _, err := (answer{status: 500, body: []byte(body)}).reply("http://x"); !isKind(err, Failing) {
			t.Errorf("%s: %v", body, err)
		}
	}
	e := answer{status: 422, body: []byte(`{"detail":[{"loc":["body","language"],"msg":"Input should be 'en'"}]}`)}
	if _, err := e.reply("http://x"); !isKind(err, NoLanguage) {
		t.Error(err)
	}
}

// TestRetryAfterOdd: of what servers write there, only a time in the future counts.
func TestRetryAfterOdd(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "-1": 0, "0.5": time.Second / 2, "30": 30 * time.Second, "1e9": maxAfter, "soon": 0,
		"Mon, 01 Jan 2001 00:00:00 GMT": 0, "Fri, 01 Jan 2100 00:00:00 GMT": maxAfter,
	} {
		a := answer{header: map[string][]string{"Retry-After": {value}}}
		if got := a.retryAfter(); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}
