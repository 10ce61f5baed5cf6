package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/e2e/servers"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/fluent"
	"github.com/arealicehole/vocoder/internal/test/speech"
	"github.com/arealicehole/vocoder/whisper"
)

// one returns a result with so many errors in 200 words.
func one(kind servers.Kind, wrong int) result {
	return result{
		Server: kind, Commit: "abc1234", Version: "1", Model: "base", Memory: 200_000_000,
		Languages: []heard{{Language: "es", Scores: map[string]speech.Score{lists: {Words: 150, Errors: wrong}, words: {Words: 50}},
			Clips: 10, Sound: 40, Took: 5, Refused: []string{"a: not speech"}}},
		Choices: []choice{{Language: "es", How: byLocale, Right: true}, {Language: "fr", How: byLocale}, {Language: "es", How: byList, Right: true}},
		Noises:  []noise{{Name: "hum", Text: []string{"1.5kg 1kg"}}, {Name: "click", Text: []string{"You"}, Printed: "You", Gate: true}, {Name: "wind"}},
	}
}

// TestPage checks that the page has the results of each server, and the failures.
func TestPage(t *testing.T) {
	r := results{
		servers: []result{one(servers.Engine, 3), one(servers.WhisperCPP, 2)},
		prompts: []heard{{Language: "ru", Clips: 500, Sound: 1300, Took: 200, Empty: []string{"letters/a"}}},
		cuts:    []cutting{{servers.Engine, []fluent.Result{reading("One two. Three."), list("one two too", "one two three")}, "abc1234"}},
		tests:   []verdict{{"whisper.cpp: noise", "pass"}, {"whisper.cpp: by the layout, fr", "fail"}},
		times:   map[string]string{"host": "8.0 minutes"},
		commits: []string{"abc1234"},
	}
	p := r.page()
	for _, want := range []string{
		"| vocoder-engine | 1 | base | es | 2.0 % of 150 | 1 of 10 | 0.5 s | 8.0 s | 200 MB |",
		"has 1.5 % of the words wrong, whisper.cpp 1.0 % of the same 200 words. The aim is at most 0.5 percentage points more, and it is met.",
		"\nfaster-whisper was not measured this time.\n",
		"| es | lists | 3 of 150 | 2 of 150 |\n| es | words | 0 of 50 | 0 of 50 |",
		"| vocoder-engine | es (**1 of 2**) |  | es |",
		"| ru | 500 | 0 | 1 | 0 | 1300 s |", "- ru: letters/a",
		"| vocoder-engine | 3 | 2 | 1 | 1 |", "hum: `1.5kg 1kg`; click: `You`",
		"| whisper.cpp: noise | pass |\n| whisper.cpp: by the layout, fr | **FAIL** |",
		"| en, demo, 30 s | 7.5 4.0 | 1.50 s | 4.00 s | 2.00 s |  |  | 0 of 3 | 1 | 0 |",
		"| en, words, 30 s |  | 3.00 s | 4.00 s | 2.00 s | 1 of 3 | 0 of 3 | 1 of 3 | 0 | 0 |",
		"| text as soon as that of 8 s | 1 of 2 clips | **not met** |", "33.3 % and at once 0.0 % of 3 | **not met** |", "| 1 | **not met** |",
		"\n- en: `One two. | Three.`\n",
		"| `host` | 8.0 minutes |",
		"\nwhisper-server -m ~/whisper/ggml-base.bin --host 127.0.0.1 --port 8771",
		"\nvocoder-engine serve --model whisper-base",
		"--uri tcp://127.0.0.1:8771",
	} {
		if !strings.Contains(p, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(p)
	}
	r.servers[0] = one(servers.Engine, 4)
	if p := r.page(); !strings.Contains(p, "it is **not met**") {
		t.Error("vocoder-engine is a percentage point worse, and the page does not say so")
	}
	if p := (results{}).page(); !strings.Contains(p, "were not both measured") || !strings.Contains(p, "Not run.") {
		t.Error("nothing was measured, and the page does not say so")
	}
}

// TestWrong checks that a failure is an error of the sweep.
func TestWrong(t *testing.T) {
	fine := result{Languages: []heard{{Clips: 1}}, Choices: []choice{{Right: true}}, Noises: []noise{{Printed: "You"}, {Gate: true}}}
	if err := fine.wrong(); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	for name, bad := range map[string]result{
		"refused":          {Languages: []heard{{Refused: []string{"a"}}}},
		"without answer":   {Languages: []heard{{Failed: []string{"a"}}}},
		"another language": {Choices: []choice{{}}},
		"noise typed":      {Noises: []noise{{Gate: true, Printed: "You"}}},
	} {
		if bad.wrong() == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

// reading is a clip with unknown words and a joint after the second word.
func reading(cut string) fluent.Result {
	return fluent.Result{Name: "demo", Language: "en", Sound: 30, Pieces: []fluent.Piece{{Sound: 7.5, Text: "One two."}, {Sound: 4, Text: "Three."}},
		Cut: cut, After: 1.5, Whole: "One two three.", Times: []float64{5, 4, 3}, Eight: []float64{2, 2, 9}}
}

// list is a clip with known words.
func list(cut, whole string) fluent.Result {
	return fluent.Result{Name: "words", Language: "en", Said: "one two three", Sound: 30, Cut: cut, After: 3, Whole: whole, Times: []float64{4, 4, 4}, Eight: []float64{2, 2, 2}}
}

// TestCuttingWrong checks that words lost by the pieces and false ends of sentences are errors
// of the sweep. Errors that the whole clip has too, and a slow host, are not.
func TestCuttingWrong(t *testing.T) {
	for name, tt := range map[string]struct {
		result fluent.Result
		wrong  bool
	}{
		"fine":                   {reading("One two three."), false},
		"slow":                   {list("one two three", "one two three"), false},
		"wrong at once, too":     {list("one two", "one too three"), false},
		"a word lost":            {list("one two", "one two three"), true},
		"an end of a sentence":   {reading("One two. Three."), true},
		"an end that is no seam": {reading("One. Two three."), false},
	} {
		if err := (cutting{servers.Engine, []fluent.Result{tt.result}, ""}).wrong(); (err != nil) != tt.wrong {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestMedian(t *testing.T) {
	if got := median([]float64{3, 1, 2}); got != 2 {
		t.Errorf("got %v, want 2", got)
	}
	if got := median(nil); got != 0 {
		t.Errorf("of nothing: got %v", got)
	}
}

func TestNote(t *testing.T) {
	var h heard
	clip := speech.Clip{Name: "a", Clip: pcm.Clip{Rate: 8000, Samples: make([]int16, 4000)}}
	h.note(clip, "words", nil, time.Second)
	h.note(clip, "", fmt.Errorf("%w: a loop", whisper.ErrNotSpeech), 0)
	h.note(clip, "", errors.New("no connection"), 0)
	h.note(clip, "", nil, 0)
	if h.Clips != 4 || h.Sound != 2 || h.Took != 1 || len(h.Refused) != 1 || len(h.Failed) != 1 || len(h.Empty) != 1 {
		t.Errorf("got %+v", h)
	}
}

// TestLoad checks that results are kept by name, and that those of one kind are read again.
func TestLoad(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, r := range []result{one(servers.Wyoming, 1), one(servers.Engine, 1)} {
		if err := sweep.Save(kept, file(partWords, r.Server), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := sweep.Save(kept, file(partNoise, servers.Engine), result{Server: servers.Engine, Noises: []noise{{Name: "rain"}}}); err != nil {
		t.Fatal(err)
	}
	if err := sweep.Save(kept, "time-host", sweep.Duration{Part: "host", Seconds: 90}); err != nil {
		t.Fatal(err)
	}
	if err := sweep.Save(kept, filepath.Join(file(partCuts, servers.WhisperCPP), "01-demo-en"), reading("One")); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(kept, "machine", "machine-1.json")
	if err := os.MkdirAll(filepath.Dir(log), 0o755); err != nil {
		t.Fatal(err)
	}
	const events = `{"Action":"commit","Output":"abc1234"}
{"Action":"fail","Test":"TestWhisper/whisper.cpp/by_the_layout,_fr"}
{"Action":"pass","Test":"TestWhisper/whisper.cpp/by_the_layout,_fr"}
{"Action":"pass","Test":"TestWhisper/whisper.cpp"}
`
	if err := os.WriteFile(log, []byte(events), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := load(kept)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.servers) != 2 || r.servers[0].Server != servers.Engine || r.times["host"] != "1.5 minutes" || !slices.Equal(r.commits, []string{"abc1234"}) {
		t.Errorf("got %+v", r)
	}
	if n := len(r.servers[0].Noises); n != 4 || len(r.servers[1].Noises) != 3 {
		t.Errorf("%d noises of two parts, want 4", n)
	}
	if len(r.cuts) != 1 || r.cuts[0].server != servers.WhisperCPP || len(r.cuts[0].results) != 1 || r.cuts[0].results[0].Cut != "One" {
		t.Errorf("cuts %+v", r.cuts)
	}
	if len(r.tests) != 1 || r.tests[0] != (verdict{"whisper.cpp: by the layout, fr", "pass"}) {
		t.Errorf("tests %q", r.tests)
	}
}

func TestQuote(t *testing.T) {
	if got := quote(" a\n`b` "); got != "`a 'b'`" {
		t.Errorf("got %s", got)
	}
	if got := quote(strings.Repeat("ж", 100)); len([]rune(got)) != 63 {
		t.Errorf("got %s", got)
	}
}
