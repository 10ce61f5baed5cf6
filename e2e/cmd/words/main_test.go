package main

import (
	"os"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/e2e/servers"
)

// TestPage: the page has what was measured, of this sweep and of make sweep-whisper, and
// says where the list gains too little. A result that is not there leaves its cell empty.
func TestPage(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	save := func(dir, name string, v any) {
		t.Helper()
		if err := sweep.Save(dir, name, v); err != nil {
			t.Fatal(err)
		}
	}
	save(whisperKept, "words-vocoder-engine", map[string]any{"Memory": 542e6, "Languages": []any{map[string]any{
		"Language": "es", "Sound": 60.0, "Took": 15.0, "Scores": map[string]any{"sentences": map[string]int{"Words": 11, "Errors": 1},
			"lists": map[string]int{"Words": 39, "Errors": 4}, "words": map[string]int{"Words": 19, "Errors": 19}}}}})
	save(kept, fileName("clips", servers.EngineMoonshine, "en"), clipsHeard{Sound: 10, Took: 1, Memory: 3e8, Lines: []line{
		{"sentences", "a", "one two", "one two"}, {"lists", "b", "ten three", "10, free"}, {syntheticSet, "c", "We need twenty.", "We need 20"}}})
	heard := namesHeard{Done: 4, Clips: []nameHeard{
		{clip{Name: "Kubernetes"}, "about Kubernites", "about Kubernetes"}, {clip{Name: "Weizenbaum"}, "about Weizenbaum", "about Weizenbaum"},
		{clip{Name: "Grafana"}, "about nothing", "about nothing"}, {clip{Name: "Ansible"}, "about nothing", "about nothing"},
	}}
	save(kept, fileName("names", servers.Engine, "de"), heard)
	heard.Clips[0].Plain = "about Kubernetes"
	save(kept, fileName("names", servers.WhisperCPP, "de"), heard)
	heard.Done = 3
	save(kept, fileName("names", servers.Engine, "fr"), heard) // it was ended
	save(kept, "ordinary-de", changed{5000, 2})
	save(kept, fileName("translation", servers.Engine, "de"), translation{Lines: []line{
		{syntheticSet, "a", "five chairs late|delay", "5 chairs, and a delay-"}, {syntheticSet, "b", "doctor rest", "Der Arzt"}}})
	p, err := makePage()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| vocoder-engine |  | 10 |  |  |  | 0.25 s | 542 MB |  |\n", // single words do not count
		"| vocoder-engine, Moonshine tiny | 25 |  |  |  |  | 0.10 s | 300 MB |  |\n",
		"| vocoder-engine | de | 4 | 1 | 2 | 2 | 2 | 25 |\n", "| whisper.cpp | de | 4 | 2 | 2 | 2 | 2 | **0** |\n",
		"| de | 5000 | 2 |\n", "| vocoder-engine | 60 |  |  |  |  |\n",
	} {
		if !strings.Contains(p, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(p, "| vocoder-engine | fr |") {
		t.Error("the page has a result that is not whole")
	}
	if err := os.WriteFile(kept+"/ordinary-de.json", []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := makePage(); err == nil {
		t.Error("a broken result is no error")
	}
	if t.Failed() {
		t.Log(p)
	}
}

// TestSentences: each language has as many sentences, each with a meaning, and a sentence
// for each name.
func TestSentences(t *testing.T) {
	for _, l := range languages {
		if len(ordinary[l.code]) != len(ordinary["en"]) || len(ordinary[l.code]) != len(meanings) || l.spoken().Code != l.code {
			t.Errorf("%s: %d sentences, spoken as %s", l.code, len(ordinary[l.code]), l.spoken().Code)
		}
		for s := range strings.SplitSeq(l.sentences, "\n") {
			if strings.Count(s, "%") != 1 {
				t.Errorf("%s: %s", l.code, s)
			}
		}
	}
}
