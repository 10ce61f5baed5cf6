package setup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/whisper"
)

// Models that a fakeEngine proposes.
var (
	baseThere  = proposal{"proposed", "whisper-base", "Whisper base", 0, 19.7, false, 0.3}
	baseAway   = proposal{"proposed", "whisper-base", "Whisper base", 160e6, 19.7, false, 0.3}
	parakeet   = proposal{"better", "parakeet", "Parakeet", 670e6, 5.2, false, 0.38}
	tinyThere  = proposal{"smaller", "tiny", "Moonshine tiny", 0, 14.1, false, 0.04}
	noFigure   = proposal{"proposed", "whisper-base", "Whisper base", 0, 0, false, 0.3}
	inJapanese = proposal{"proposed", "whisper-base", "Whisper base", 0, 25.3, true, 0.3}
)

const (
	baseLine     = "vocoder-engine, on this machine, with Whisper base: installed; about 20 of 100 words wrong; about 3.0 s for 10 s of speech\n"
	parakeetLine = "fewer errors: vocoder-engine, on this machine, with Parakeet: 670 MB to fetch; about 5 of 100 words wrong; about 3.8 s for 10 s of speech\n"
	tinyLine     = "smaller: vocoder-engine, on this machine, with Moonshine tiny: installed; about 14 of 100 words wrong; about 0.4 s for 10 s of speech\n"
)

// TestSetupModel: which models setup offers, in one question, and what it fetches, uses and
// writes for each answer. Without a terminal it fetches nothing.
func TestSetupModel(t *testing.T) {
	answers := func(all map[string]whisper.Health) func(context.Context, string) (whisper.Health, error) {
		return func(_ context.Context, url string) (whisper.Health, error) {
			for port, h := range all {
				if strings.Contains(url, port) {
					return h, nil
				}
			}
			return whisper.Health{}, errAway
		}
	}
	english := whisper.Health{Dialect: "vocoder", Languages: []string{"en"}}
	large := whisper.Health{Dialect: "openai", Models: []string{"large-v3"}}
	many := whisper.Health{Dialect: "openai", Models: []string{"large-v3", "tiny"}}
	for _, tt := range []struct {
		name, typed string
		models      []proposal
		found       map[string]whisper.Health
		flag        string // of "recogniser"
		pulled      string
		used        string
		url         string // that is written
		says        string
	}{
		{"the first", "\n", []proposal{baseThere, parakeet, tinyThere}, nil, "", "", "whisper-base", ":8771",
			"  1  " + baseLine + "  2  " + parakeetLine + "  3  " + tinyLine + "  4  none now\nWhich recognizer? [1] "},
		{"the better one", "2\n", []proposal{baseThere, parakeet, tinyThere}, nil, "", "parakeet", "parakeet", ":8771", ""},
		{"the smaller one", "3\n", []proposal{baseThere, parakeet, tinyThere}, nil, "", "", "tiny", ":8771", ""},
		{"none", "4\n", []proposal{baseThere, parakeet, tinyThere}, nil, "", "", "", ":8771", ""},
		{"one that is to be fetched", "\n", []proposal{baseAway}, nil, "", "whisper-base", "whisper-base", ":8771", "160 MB to fetch"},
		{"without a figure", "\n", []proposal{noFigure}, nil, "", "", "whisper-base", ":8771", "with Whisper base: installed; about 3.0 s for 10 s of speech\n"},
		{"characters", "\n", []proposal{inJapanese}, nil, "", "", "whisper-base", ":8771", "about 25 of 100 characters wrong"},
		{"by flag", "", []proposal{baseAway, parakeet}, nil, "engine", "whisper-base", "whisper-base", ":8771", "Recognizer: vocoder-engine, on this machine, with Whisper base"},
		{"a server is first, with its model", "\n", []proposal{baseThere}, map[string]whisper.Health{":8000": large}, "", "", "", ":8000",
			"  1  http://127.0.0.1:8000/v1/audio/transcriptions (openai), model large-v3\n  2  " + baseLine + "Which recognizer?"},
		{"a server with two models", "\n", nil, map[string]whisper.Health{":8000": many}, "", "", "", ":8000", "(openai), 2 models, first large-v3\n"},
		{"an engine that lacks the language is last", "\n", []proposal{baseThere}, map[string]whisper.Health{":8771": english}, "", "", "whisper-base", ":8771",
			"  1  " + baseLine + "  2  http://127.0.0.1:8771/v1/transcribe (vocoder), does not know German\n"},
		{"no terminal, installed", "", []proposal{baseThere, parakeet}, nil, "", "", "whisper-base", ":8771", "Recognizer: " + baseLine},
		{"no terminal, to be fetched", "", []proposal{baseAway}, nil, "", "", "", ":8771", "No recognizer answers. `vocoder setup --recogniser engine`"},
		{"no terminal, a server", "", []proposal{baseThere}, map[string]whisper.Health{":8000": large}, "", "", "", ":8000", "Recognizer: http://127.0.0.1:8000"},
		{"no terminal, an engine that lacks the language", "", []proposal{baseAway}, map[string]whisper.Health{":8771": english}, "", "", "", ":8771",
			"does not know German\n`vocoder setup --recogniser engine` fetches and starts one that knows it.\n"},
		{"no model fits", "\n", []proposal{}, nil, "", "", "", ":8771", "No recognizer answers, and"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			s, _, out := newSetup(home, tt.typed)
			s.session("de_DE.UTF-8")
			engine := &fakeEngine{present: true, proposals: tt.models}
			s.engine, s.probe = engine, answers(tt.found)
			s.Key, s.Microphone, s.Language, s.Recognizer, s.Start = "keep", "default", "de", tt.flag, "now"
			if err := s.Run(t.Context()); err != nil {
				t.Fatal(err, out)
			}
			text, err := os.ReadFile(filepath.Join(home, ".config/vocoder/vocoder.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			cfg, _, err := config.Load(config.Source{Text: text})
			if err != nil || !strings.Contains(cfg.Whisper[0].URL, tt.url) {
				t.Errorf("the recognizer is %s, want %s; %v", cfg.Whisper[0].URL, tt.url, err)
			}
			if pulled, used := strings.Join(engine.pulled, " "), strings.Join(engine.used, " "); pulled != tt.pulled || used != tt.used || !strings.Contains(out.String(), tt.says) {
				t.Errorf("fetched %q, want %q; used %q, want %q; it says\n%s\nwant %q in it", pulled, tt.pulled, used, tt.used, out, tt.says)
			}
			if n := strings.Count(out.String(), "? ["); n > 1 {
				t.Errorf("%d questions", n)
			}
		})
	}
}

// TestSetupOtherModel: when a model cannot be fetched, setup says why and goes on with
// another one: that which the user chooses, or an installed one. A daemon starts only with a
// recognizer that is there.
func TestSetupOtherModel(t *testing.T) {
	away := errors.New("no network")
	smallAway := proposal{"smaller", "small", "Small", 100e6, 30, false, 0.1}
	for _, tt := range []struct {
		name, typed string
		models      []proposal
		broken      []string // models that cannot be fetched
		flag        string
		pulled      string
		used        string // empty: setup ends with the error of the first model
		says        string
	}{
		{"the installed one", "2\n\n", []proposal{baseThere, parakeet, tinyThere}, []string{"parakeet"}, "", "parakeet", "whisper-base",
			"The model parakeet cannot be fetched: no network.\n  1  " + baseLine + "  2  " + tinyLine + "  3  none now\nWhich model instead? [1] Recognizer: " + baseLine +
				"For parakeet later: `vocoder-engine models pull parakeet`, which continues, then `vocoder-engine models use parakeet`.\n"},
		{"another installed one", "2\n2\n", []proposal{baseThere, parakeet, tinyThere}, []string{"parakeet"}, "", "parakeet", "tiny", ""},
		{"installed ones first", "\n\n", []proposal{baseAway, parakeet, tinyThere}, []string{"whisper-base"}, "", "whisper-base", "tiny", "  1  " + tinyLine + "  2  " + parakeetLine},
		{"a smaller one that can be fetched", "\n\n", []proposal{baseAway, smallAway}, []string{"whisper-base"}, "", "whisper-base small", "small", "Which model instead?"},
		{"one after the other", "\n\n\n", []proposal{baseAway, smallAway, parakeet}, []string{"whisper-base", "small"}, "", "whisper-base small parakeet", "parakeet", "For whisper-base later"},
		{"all fail", "\n\n", []proposal{baseAway, smallAway}, []string{"whisper-base", "small"}, "", "whisper-base small", "", "The model small cannot be fetched"},
		{"none", "2\n3\n", []proposal{baseThere, parakeet, tinyThere}, []string{"parakeet"}, "", "parakeet", "", ""},
		{"the only one", "\n", []proposal{baseAway}, []string{"whisper-base"}, "", "whisper-base", "", "The model whisper-base cannot be fetched: no network.\n"},
		{"no terminal, an installed one", "", []proposal{baseAway, parakeet, tinyThere}, []string{"whisper-base"}, "engine", "whisper-base", "tiny", "Recognizer: " + tinyLine},
		{"no terminal, none installed", "", []proposal{baseAway, parakeet}, []string{"whisper-base"}, "engine", "whisper-base", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, units, out := newSetup(t.TempDir(), tt.typed)
			s.session("de_DE.UTF-8")
			engine := &fakeEngine{present: true, proposals: tt.models, err: away, broken: tt.broken}
			s.engine, s.probe = engine, noRecognizer
			s.Key, s.Microphone, s.Language, s.Recognizer, s.Start = "keep", "default", "de", tt.flag, "now"
			err := s.Run(t.Context())
			if pulled, used := strings.Join(engine.pulled, " "), strings.Join(engine.used, " "); pulled != tt.pulled || used != tt.used || !strings.Contains(out.String(), tt.says) {
				t.Errorf("fetched %q, want %q; used %q, want %q; it says\n%s\nwant %q in it", pulled, tt.pulled, used, tt.used, out, tt.says)
			}
			if failed := tt.used == ""; errors.Is(err, away) != failed || !failed && err != nil {
				t.Errorf("error %v", err)
			} else if failed && !strings.Contains(hint.Of(err), "pull "+tt.broken[0]+"`") {
				t.Errorf("the hint is %q", hint.Of(err))
			}
			if started := slices.Contains(units.calls, "start "+systemd.Daemon); started != (tt.used != "") {
				t.Errorf("calls %q", units.calls)
			}
		})
	}
}

// TestSetupProposesFor: the engine is asked for the languages that the user speaks.
func TestSetupProposesFor(t *testing.T) {
	for _, tt := range []struct {
		language, locale string
		want             []string
	}{
		{"de,en", "", []string{"de", "en"}},
		{"auto", "de_DE.UTF-8", nil},
		{"locale", "de_DE.UTF-8", []string{"de"}},
		{"locale", "C", nil},
	} {
		s, _, out := newSetup(t.TempDir(), "\n")
		s.session(tt.locale)
		engine := &fakeEngine{present: true}
		s.engine, s.probe = engine, noRecognizer
		s.Key, s.Microphone, s.Language, s.Start = "keep", "default", tt.language, "no"
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err, out)
		}
		if len(engine.asked) != 1 || !slices.Equal(engine.asked[0], tt.want) {
			t.Errorf("language %s in %s: asked for %q, want %q", tt.language, tt.locale, engine.asked, tt.want)
		}
	}
}

// TestEngineProgram: what setup asks of vocoder-engine, and how it reads the answer.
func TestEngineProgram(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "vocoder-engine")
	script := "#!/bin/sh\necho \"$@\" >> " + dir + "/calls\n" +
		`[ "$2" != propose ] || echo '[{"role":"proposed","name":"whisper-base","title":"Whisper base","size":0,"errors":19.7,"characters":false,"pace":0.3}]'` + "\n"
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	p := engineProgram{env: environ.Env{Stdout: new(strings.Builder), Stderr: new(strings.Builder)}, path: path}
	all, err := p.propose(t.Context(), []string{"de", "en"})
	if err != nil || len(all) != 1 || all[0] != baseThere {
		t.Errorf("%+v, %v", all, err)
	}
	if err := p.use(t.Context(), "whisper-base"); err != nil {
		t.Error(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "calls"))
	if want := "models propose --json --language de,en\nmodels use whisper-base\n"; err != nil || string(b) != want {
		t.Errorf("called %q, want %q; %v", b, want, err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := p.propose(t.Context(), nil); err == nil {
		t.Error("a program that fails is believed")
	}
}
