package setup

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/app/microphone"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/terminal"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/test/isolated"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/whisper"
)

// TestMain keeps the tests apart from the user who runs them.
func TestMain(m *testing.M) { isolated.Main(m) }

// A fakeManager records the calls.
type fakeManager struct {
	calls  []string
	active string // the state of the daemon; empty for inactive
	probe  error  // of the sandbox
}

func (f *fakeManager) State(context.Context, string) (systemd.UnitState, error) {
	return systemd.UnitState{Active: cmp.Or(f.active, "inactive")}, nil
}

func (f *fakeManager) Start(_ context.Context, unit string, always bool) error {
	how := "start "
	if always {
		how = "enable and start "
	}
	f.calls = append(f.calls, how+unit)
	return nil
}

func (f *fakeManager) Stop(_ context.Context, unit string, _ bool) error {
	f.calls = append(f.calls, "stop "+unit)
	return nil
}

func (f *fakeManager) Probe(context.Context) error { return f.probe }

// A fakeEngine is an engine that can be installed, and can have no network.
type fakeEngine struct {
	present      bool
	proposals    []proposal // nil: one that is to be fetched
	err          error      // of pull
	broken       []string   // models whose pull fails; nil: all, if there is an error
	asked        [][]string // languages
	pulled, used []string
}

func (f *fakeEngine) installed() bool { return f.present }

func (f *fakeEngine) propose(_ context.Context, languages []string) ([]proposal, error) {
	f.asked = append(f.asked, languages)
	if f.proposals == nil {
		return []proposal{{Role: "proposed", Name: "tiny", Title: "Tiny", Size: 28e6, Errors: 14.1, Pace: 0.04}}, nil
	}
	return f.proposals, nil
}

func (f *fakeEngine) pull(_ context.Context, model string) error {
	f.pulled = append(f.pulled, model)
	if f.broken != nil && !slices.Contains(f.broken, model) {
		return nil
	}
	return f.err
}

func (f *fakeEngine) use(_ context.Context, model string) error {
	f.used = append(f.used, model)
	return nil
}

// errAway is the error of a recognizer that does not answer.
var errAway = errors.New("no answer")

// noRecognizer probes a machine on which no recognizer answers.
func noRecognizer(context.Context, string) (whisper.Health, error) {
	return whisper.Health{}, errAway
}

// session sets the locale of the session, and its keyboard layouts: the languages of
// each, with commas between them.
func (s *Setup) session(locale string, layouts ...string) {
	env := s.env.Lookup
	s.env.Lookup = func(name string) (string, bool) {
		if name == "LANG" {
			return locale, true
		}
		return env(name)
	}
	s.layouts = func(context.Context) (groups [][]string) {
		for _, l := range layouts {
			groups = append(groups, strings.Split(l, ","))
		}
		return groups
	}
}

// hears returns a probe of microphones. voices has the level of the voice by microphone.
func hears(voices map[string]float64) func(context.Context, capture.Source, func()) (microphone.Report, error) {
	return func(_ context.Context, one capture.Source, opened func()) (microphone.Report, error) {
		opened()
		voice, spoke := voices[one.Name]
		if !spoke {
			return microphone.Report{Level: -60, Noise: -62}, nil
		}
		return microphone.Report{Voice: true, Level: voice, Noise: -60}, nil
	}
}

// newSetup returns the setup of a machine with two microphones and two recognizers. typed
// is what the user types; without it there is no terminal.
func newSetup(home, typed string) (*Setup, *fakeManager, *bytes.Buffer) {
	var out bytes.Buffer
	env := environ.Env{Stdout: &out, Stderr: &out, Lookup: func(name string) (string, bool) { return map[string]string{"HOME": home}[name], name == "HOME" }}
	m := &fakeManager{}
	s := &Setup{env: env, store: settings.Store{Env: env}, cfg: settings.Default(), units: m}
	if typed != "" {
		s.in = terminal.NewAnswers(strings.NewReader(typed))
	}
	s.learn = func(context.Context) (string, error) { return "KEY_F13", nil }
	s.sources = func(context.Context) ([]capture.Source, error) {
		return []capture.Source{{Name: "m1", Description: "Webcam"}, {Name: "m2", Description: "Built-in", Default: true}, {Name: "o", Description: "Out", Monitor: true}}, nil
	}
	s.listen, s.engine = hears(map[string]float64{"m1": -30, "m2": -20}), &fakeEngine{}
	s.layouts = func(context.Context) [][]string { return nil }
	s.probe = func(_ context.Context, url string) (whisper.Health, error) {
		if strings.Contains(url, ":8771") || strings.Contains(url, ":8080") {
			return whisper.Health{Dialect: "vocoder"}, nil
		}
		return whisper.Health{}, errAway
	}
	return s, m, &out
}

// TestSetupPauses: setup stops a running daemon to learn the key. Whichever way setup
// ends, that daemon runs again.
func TestSetupPauses(t *testing.T) {
	for _, tt := range []struct {
		name, active, start, want string
		leaves                    bool // while the key is asked for
	}{
		{"started", "active", "now", "stop vocoder.service, start vocoder.service", false},
		{"not to be started", "active", "no", "stop vocoder.service, start vocoder.service", false},
		{"left", "activating", "now", "stop vocoder.service, start vocoder.service", true},
		{"did not run", "", "no", "", false},
		{"did not run, left", "failed", "now", "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, m, out := newSetup(t.TempDir(), "\n\n\n")
			m.active, s.Start = tt.active, tt.start
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s.learn = func(ctx context.Context) (string, error) {
				s.pause(ctx)
				if tt.leaves {
					cancel()
				}
				return "KEY_F13", ctx.Err()
			}
			if err := s.Run(ctx); (err != nil) != tt.leaves {
				t.Errorf("%v\n%s", err, out)
			}
			if got := strings.Join(m.calls, ", "); got != tt.want {
				t.Errorf("calls %q, want %q", got, tt.want)
			}
		})
	}
}

// TestSetup: what setup writes and starts for answers and flags.
func TestSetup(t *testing.T) {
	for _, tt := range []struct {
		name, typed string
		change      func(*Setup)
		want        map[string]string // lines of the settings file
		calls, ends string
	}{
		{"without a terminal or flags", "", func(*Setup) {}, map[string]string{"key": "KEY_RIGHTCTRL", "whisper_url": "http://127.0.0.1:8771/v1/transcribe"}, "enable and start vocoder.service", "Hold Right Ctrl and speak.\n"},
		{"by flags", "", func(s *Setup) {
			s.Key, s.Microphone, s.Recognizer, s.Start = "KEY_F14", "Webcam", "http://127.0.0.1:1/x", "now"
		},
			map[string]string{"key": "KEY_F14", "  source": "Webcam", "whisper_url": "http://127.0.0.1:1/x"}, "start vocoder.service", "Hold F14 and speak.\n"},
		{"asked", "\n2\n3\n", func(s *Setup) { s.listen = hears(map[string]float64{"m1": -30, "m2": -50}) }, map[string]string{"key": "KEY_F13", "  source": "m1", "whisper_url": "http://127.0.0.1:8080/inference"}, "", "then hold F13 and speak.\n"},
		{"all answers left out", "\n\n\n", func(*Setup) {}, map[string]string{"key": "KEY_F13", "  source": `""`}, "enable and start vocoder.service", "Hold F13 and speak.\n"},
		{"no such number", "9\nx\n2\n\n\n\n", func(s *Setup) { s.listen = hears(nil) }, map[string]string{"  source": "m1"}, "enable and start vocoder.service", "speak.\n"},
		{"a letter pressed", "\n\n\n", func(s *Setup) {
			s.learn = func(context.Context) (string, error) { return "KEY_A", evdev.ErrWrites }
		}, map[string]string{"key": "KEY_RIGHTCTRL"}, "enable and start vocoder.service", "speak.\n"},
		{"nothing is there", "\n\n\n", func(s *Setup) {
			s.learn = func(context.Context) (string, error) { return "", os.ErrPermission }
			s.sources = func(context.Context) ([]capture.Source, error) { return nil, capture.ErrServer }
			s.probe = noRecognizer
		}, map[string]string{"key": "KEY_RIGHTCTRL"}, "enable and start vocoder.service", "speak.\n"},
		{"no voice", "\n\n\n\n", func(s *Setup) { s.listen = hears(nil) }, map[string]string{"  source": `""`}, "enable and start vocoder.service", "speak.\n"},
		{"the one that hears, by flag", "", func(s *Setup) {
			s.Microphone, s.listen = "speak", hears(map[string]float64{"m1": -10})
		}, map[string]string{"  source": "m1"}, "enable and start vocoder.service", "speak.\n"},
		{"the engine is offered", "\n\n\n", func(s *Setup) {
			s.engine = &fakeEngine{present: true}
			s.probe = noRecognizer
		}, map[string]string{"whisper_url": "http://127.0.0.1:8771/v1/transcribe"}, "enable and start vocoder-engine.socket, enable and start vocoder.service", "speak.\n"},
		{"the engine is not wanted", "\n2\n\n", func(s *Setup) {
			s.engine = &fakeEngine{present: true}
			s.probe = noRecognizer
		}, map[string]string{"whisper_url": "http://127.0.0.1:8771/v1/transcribe"}, "enable and start vocoder.service", "speak.\n"},
		{"the engine, and a server that answers", "\n2\n\n", func(s *Setup) {
			s.engine = &fakeEngine{present: true}
			s.probe = func(_ context.Context, url string) (whisper.Health, error) {
				if strings.Contains(url, ":8000") {
					return whisper.Health{Dialect: "openai"}, nil
				}
				return whisper.Health{}, errAway
			}
		}, map[string]string{"whisper_url": "http://127.0.0.1:8771/v1/transcribe"}, "enable and start vocoder-engine.socket, enable and start vocoder.service", "speak.\n"},
		{"the engine by flag", "", func(s *Setup) {
			s.engine, s.Recognizer, s.Start = &fakeEngine{present: true}, "engine", "now"
		}, map[string]string{"whisper_url": "http://127.0.0.1:8771/v1/transcribe"}, "start vocoder-engine.socket, start vocoder.service", "speak.\n"},
		{"only the model of the engine", "", func(s *Setup) {
			s.engine, s.Recognizer, s.Start = &fakeEngine{present: true}, "engine", "no"
		}, map[string]string{"whisper_url": "http://127.0.0.1:8771/v1/transcribe"}, "", "speak.\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			s, m, out := newSetup(home, tt.typed)
			tt.change(s)
			if err := s.Run(t.Context()); err != nil {
				t.Fatal(err, out)
			}
			text, err := os.ReadFile(filepath.Join(home, ".config/vocoder/vocoder.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range tt.want {
				if !strings.Contains(string(text), "\n"+name+": "+value+"\n") {
					t.Errorf("%s: %s is not in\n%s", name, value, text)
				}
			}
			if strings.Count(string(text), "#") < 20 {
				t.Error("the settings have no comments")
			}
			if got := strings.Join(m.calls, ", "); got != tt.calls || !strings.HasSuffix(out.String(), tt.ends) {
				t.Errorf("%s, ends with %q", got, out)
			}
			if n := strings.Count(out.String(), "?"); n > 5 && tt.name != "no such number" {
				t.Errorf("%d questions", n)
			}
		})
	}
}

// TestSetupFails: it is an error if a flag names what the machine does not have, and the
// daemon is not started.
func TestSetupFails(t *testing.T) {
	offline := errors.New("no network")
	for _, tt := range []struct {
		name   string
		change func(*Setup)
		want   error
	}{
		{"no engine", func(s *Setup) { s.Recognizer = "engine" }, errNoEngine},
		{"no model", func(s *Setup) { s.Recognizer, s.engine = "engine", &fakeEngine{present: true, err: offline} }, offline},
		{"no voice", func(s *Setup) { s.Microphone, s.listen = "speak", hears(nil) }, microphone.ErrUnfit},
		{"no such microphone", func(s *Setup) { s.Microphone = "Headset" }, capture.ErrSource},
	} {
		s, m, out := newSetup(t.TempDir(), "")
		tt.change(s)
		if err := s.Run(t.Context()); !errors.Is(err, tt.want) || len(m.calls) > 0 {
			t.Errorf("%s: %v, want %v; %v, %s", tt.name, err, tt.want, m.calls, out)
		}
	}
}

// TestSetupProfile: with --config, setup writes the settings of that profile or file, and
// starts, names and stops the unit that reads them.
func TestSetupProfile(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, ".config/vocoder/work.yaml")
	for _, tt := range []struct {
		name, config, start string
		active              string // vocoder.service
		calls, undo, says   string
	}{
		{"a profile", "work", "login", "", "enable and start vocoder@work.service", "stop vocoder@work.service", "Hold F13 and speak."},
		{"a profile, unasked", "work", "", "", "enable and start vocoder@work.service", "stop vocoder@work.service", "Hold F13 and speak."},
		{"a profile next to the usual daemon", "work", "now", "active", "start vocoder@work.service", "stop vocoder@work.service", "`systemctl --user stop vocoder` makes room for vocoder@work.service"},
		{"a profile, not started", "work", "no", "", "", "stop vocoder@work.service", "Start it with `vocoder --config work run`"},
		{"a file", file, "", "", "", "", "Start it with `vocoder --config " + file + " run`"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := atomicfile.Write(file, []byte("tray: true\n")); err != nil {
				t.Fatal(err)
			}
			s, m, out := newSetup(home, "")
			s.store.Name, s.Start, s.Key, m.active = tt.config, tt.start, "KEY_F13", tt.active
			if err := s.Run(t.Context()); err != nil {
				t.Fatal(err, out)
			}
			text, err := os.ReadFile(file)
			if got := strings.Join(m.calls, ", "); err != nil || got != tt.calls || !strings.Contains(string(text), "key: KEY_F13") || !strings.Contains(out.String(), tt.says) {
				t.Errorf("calls %q, want %q; wrote %q, %v; printed %s, want %s", got, tt.calls, text, err, out, tt.says)
			}
			s, m, out = newSetup(home, "")
			s.store.Name = tt.config
			if err := s.Undo(t.Context()); err != nil || strings.Join(m.calls, ", ") != tt.undo {
				t.Errorf("undo: %v, calls %q, want %q; %s", err, m.calls, tt.undo, out)
			}
		})
	}
	s, m, _ := newSetup(home, "")
	s.store.Name, s.Start = file, "login"
	if err := s.Run(t.Context()); err == nil || len(m.calls) > 0 {
		t.Errorf("a file at each login: %v, %v", err, m.calls)
	}
}

// TestSetupFixed: setup does not ask for what it cannot write, as the fields of a list. The
// rest is written.
func TestSetupFixed(t *testing.T) {
	for _, tt := range []struct{ name, file, typed, fixed, want string }{
		{"one recognizer in a list", "whisper:\n  - url: http://127.0.0.1:1/x\n", "\n", "whisper_url", "key: KEY_F13"},
		{"several recognizers", "whisper:\n  - url: http://127.0.0.1:1/x\n  - url: http://127.0.0.1:2/x\n", "\n", "whisper_url", "key: KEY_F13"},
		{"one recognizer in a list, without a terminal", "whisper:\n  - url: http://127.0.0.1:1/x\n", "", "whisper_url", "http://127.0.0.1:1/x"},
		{"keys in a list", "bindings:\n  - key: KEY_F9\n", "de\n\n\n", "key", "language: de"},
		{"a group on one line", "audio: {tail: 300ms}\n", "de\n\n\n", "audio.source", "key: KEY_F13"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			file := filepath.Join(home, ".config/vocoder/vocoder.yaml")
			if err := atomicfile.Write(file, []byte(tt.file)); err != nil {
				t.Fatal(err)
			}
			s, _, out := newSetup(home, tt.typed)
			cfg, err := s.store.Load(nil)
			if err != nil {
				t.Fatal(err)
			}
			s.cfg = cfg
			if err := s.Run(t.Context()); err != nil {
				t.Fatal(err, out)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(text), tt.file) || !strings.Contains(string(text), tt.want) {
				t.Errorf("wrote %q, want %s too", text, tt.want)
			}
			if !strings.Contains(out.String(), tt.fixed+" stays as it is") {
				t.Errorf("printed %s, want that %s stays", out, tt.fixed)
			}
		})
	}
}

// TestSetupUndo: a second setup changes nothing, setup keeps what the user wrote, and undo
// restores the file from before the first setup.
func TestSetupUndo(t *testing.T) {
	for _, was := range []string{"", "# mine\nmode: toggle\n"} {
		home := t.TempDir()
		file := filepath.Join(home, ".config/vocoder/vocoder.yaml")
		if was != "" {
			if err := atomicfile.Write(file, []byte(was)); err != nil {
				t.Fatal(err)
			}
		}
		var texts []string
		for range 2 {
			s, _, _ := newSetup(home, "")
			s.Key = "KEY_F14"
			if err := s.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(text))
		}
		if texts[0] != texts[1] || !strings.HasPrefix(texts[0], was) {
			t.Errorf("first %q, then %q", texts[0], texts[1])
		}
		s, m, out := newSetup(home, "")
		for range 2 {
			if err := s.Undo(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if text, _ := os.ReadFile(file); string(text) != was || strings.Join(m.calls, ",") != "stop vocoder.service" || !strings.Contains(out.String(), "nothing to undo") {
			t.Errorf("%q, want %q; %v, %s", text, was, m.calls, out)
		}
	}
}
