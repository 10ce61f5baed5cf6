package setup

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/terminal"
	"github.com/arealicehole/vocoder/internal/test/tty"
)

// questions are the beginnings of all questions, in order.
var questions = []string{"Press the key", "Choose a microphone", "Which language", "Which recognizer", "Start vocoder"}

// An asker is the output of a setup. It calls asked with the number of each question.
type asker struct {
	text  strings.Builder
	asked func(question int)
}

func (a *asker) Write(b []byte) (int, error) {
	a.text.Write(b)
	for i, q := range questions {
		if strings.HasPrefix(string(b), q) {
			a.asked(i)
		}
	}
	return len(b), nil
}

// TestSetupEnded: Ctrl+C and the end of the input end setup at each question. Nothing is
// written or started, and a daemon that was stopped runs again.
func TestSetupEnded(t *testing.T) {
	for end, question := range questions {
		for _, way := range []string{"Ctrl+C", "end of input"} {
			if way == "end of input" && end == 0 {
				continue // the key is no input
			}
			t.Run(question+", "+way, func(t *testing.T) {
				home := t.TempDir()
				s, m, _ := newSetup(home, "")
				in, typed, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _, _ = typed.Close(), in.Close() })
				s.in, s.listen = terminal.NewAnswers(in), hears(nil)
				m.active = "active"
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				reached := -1
				s.env.Stdout = &asker{asked: func(i int) {
					switch reached = i; {
					case i == end && way == "Ctrl+C":
						cancel()
					case i == end:
						_ = typed.Close()
					case i > 0:
						_, _ = typed.WriteString("\n")
					}
				}}
				s.learn = func(ctx context.Context) (string, error) {
					s.pause(ctx)
					return "KEY_F13", ctx.Err()
				}
				err = s.Run(ctx)
				if ended, is := errors.AsType[Ended](err); !is || ended.written || !strings.Contains(err.Error(), "nothing was changed") || reached != end {
					t.Errorf("%v at question %d", err, reached)
				}
				if got := strings.Join(m.calls, ", "); got != "stop vocoder.service, start vocoder.service" {
					t.Errorf("calls: %s", got)
				}
				if files, err := os.ReadDir(home); err != nil || len(files) > 0 {
					t.Errorf("written: %v, %v", files, err)
				}
			})
		}
	}
}

// TestSetupEndedLate: once the settings are written, the message does not say that nothing
// was changed.
func TestSetupEndedLate(t *testing.T) {
	s, _, out := newSetup(t.TempDir(), "")
	ctx, cancel := context.WithCancel(t.Context())
	s.engine, s.Recognizer = &pullThenCancel{fakeEngine{present: true}, cancel}, "engine"
	if err := s.Run(ctx); err == nil || strings.Contains(err.Error(), "nothing") || !strings.Contains(err.Error(), "--undo") {
		t.Errorf("%v\n%s", err, out)
	}
}

// pullThenCancel is an engine whose user presses Ctrl+C while it fetches a model.
type pullThenCancel struct {
	fakeEngine
	cancel func()
}

func (p *pullThenCancel) pull(ctx context.Context, _ string) error {
	p.cancel()
	return ctx.Err()
}

// TestSetupFlushes: what is typed while setup waits for the key answers no question.
func TestSetupFlushes(t *testing.T) {
	for name, early := range map[string]string{"Enter": "\n\n\n\n\n\n", "F13": "\x1b[25~", "an answer": "1\n1\n1\n1\n"} {
		s, m, _ := newSetup(t.TempDir(), "")
		master, stdin := tty.Open(t)
		typed := func(text string) {
			if _, err := master.WriteString(text); err != nil {
				t.Error(err)
			}
		}
		s.in, s.listen = terminal.NewAnswers(stdin), hears(nil)
		s.learn = func(context.Context) (string, error) {
			typed(early)
			return "KEY_F13", nil
		}
		out := &asker{asked: func(i int) { typed([]string{"", "2\n", "es\n", "2\n", "3\n"}[i]) }}
		s.env.Stdout = out
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if text := out.text.String(); s.Start != "no" || len(m.calls) > 0 || strings.Contains(text, "Enter a number") {
			t.Errorf("%s: starts %q, calls %v\n%s", name, s.Start, m.calls, text)
		}
		want := map[string]string{"audio.source": "m1", "whisper.language": "es", "whisper_url": "http://127.0.0.1:8080/inference"}
		for _, c := range s.changes {
			if w, is := want[c[0]]; is && c[1] != w {
				t.Errorf("%s: %s is %q, want %q", name, c[0], c[1], w)
			}
		}
	}
}

// TestSetupOneChoice: a list of one is no question.
func TestSetupOneChoice(t *testing.T) {
	s, _, _ := newSetup(t.TempDir(), "\n\n\n")
	s.listen = hears(nil)
	s.sources = func(context.Context) ([]capture.Source, error) {
		return []capture.Source{{Name: "m1", Description: "Webcam"}}, nil
	}
	out := &asker{asked: func(i int) {
		if i == 1 {
			t.Error("asked")
		}
	}}
	s.env.Stdout = out
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err, out.text.String())
	}
}

// TestSetupNoInput: without any input device, setup says so instead of waiting.
func TestSetupNoInput(t *testing.T) {
	s, _, out := newSetup(t.TempDir(), "\n\n\n\n")
	s.learn = func(context.Context) (string, error) { return "", settings.ErrNoInput }
	if err := s.Run(t.Context()); err != nil || !strings.Contains(out.String(), "no input device") {
		t.Errorf("%v, %s", err, out)
	}
}

// TestSetupWrong: setup writes no settings with which the daemon would not run.
func TestSetupWrong(t *testing.T) {
	for name, url := range map[string]string{"scheme": "ftp://x", "speech in the clear": "http://gpu.example/", "no address": "gpu"} {
		home := t.TempDir()
		s, m, out := newSetup(home, "")
		s.Recognizer = url
		if err := s.Run(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "whisper_url: ") || len(m.calls) > 0 {
			t.Errorf("%s: %v, %v, %s", name, err, m.calls, out)
		}
		if files, err := os.ReadDir(home); err != nil || len(files) > 0 {
			t.Errorf("%s: written: %v, %v", name, files, err)
		}
	}
}
