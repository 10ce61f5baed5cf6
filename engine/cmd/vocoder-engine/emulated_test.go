package main

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/sherpa"
	"github.com/arealicehole/vocoder/engine/speech"
	humans "github.com/arealicehole/vocoder/internal/test/speech"
)

// TestEmulated transcribes a clip with a worker of another processor, whose command
// VOCODER_ENGINE_EMULATED has: make test-emulated.
func TestEmulated(t *testing.T) {
	command := strings.Fields(os.Getenv("VOCODER_ENGINE_EMULATED"))
	if len(command) == 0 {
		t.Skip("make test-emulated")
	}
	s := realModel(t)
	clips, err := humans.Clips()
	if err != nil {
		t.Fatal(err)
	}
	r := speech.New(speech.Config{
		Requirements: func() speech.Requirements { return speech.Requirements{} },
		Command: func() *exec.Cmd {
			worker := []string{"worker", "--models", filepath.Dir(s.Folder(models.Default)), "--model", models.Default}
			c := exec.Command(command[0], append(slices.Clone(command[1:]), worker...)...)
			c.Env = append(os.Environ(), sherpa.LibraryVariable+"="+filepath.Dir(command[len(command)-1]))
			return c
		},
		Check: func() error { return nil },
		Log:   slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	for _, c := range clips {
		if !strings.HasPrefix(c.Name, "sense") { // the cards are read by a bad microphone
			continue
		}
		got, err := r.Transcribe(ctx, c.Clip, speech.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for _, p := range got.Pieces {
			text.WriteString(p.Text + " ")
		}
		heard := strings.Join(strings.FieldsFunc(strings.ToLower(text.String()), func(r rune) bool { return r < 'a' || r > 'z' }), " ")
		t.Logf("%q: %q", c.Words, heard)
		if heard == c.Words {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			return
		}
	}
	t.Error("no clip was transcribed without an error")
}
