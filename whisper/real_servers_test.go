package whisper

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/realserver"
	human "github.com/arealicehole/vocoder/internal/test/speech"
)

// built returns a program that make built, or skips the test.
func built(t *testing.T, name string) string {
	t.Helper()
	program, err := filepath.Abs(filepath.Join("../bin", name))
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("VOCODER_SERVERS") != "1" {
		t.Skip("make sweep-servers runs this")
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatal(err)
	}
	return program
}

// startEngine starts vocoder-engine and returns its address.
func startEngine(t *testing.T) string {
	t.Helper()
	built(t, "vocoder-engine")
	e, err := realserver.StartEngine(context.Background(), realserver.Moonshine, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	return "http://" + e.Addr
}

// startWhisper starts whisper-server and returns its address.
func startWhisper(t *testing.T, args ...string) string {
	t.Helper()
	s, err := realserver.StartWhisperCPP(context.Background(), built(t, "whisper-server"), os.Stderr, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s.URL
}

// The real servers are found and understood wherever a user may point to,
// without being told how they speak, and each transcribes a human clip.
// whisper-server has a puppet for a model, which always says the same.
func TestRealServers(t *testing.T) {
	clips, err := human.Clips()
	if err != nil {
		t.Fatal(err)
	}
	clip := clips[slices.IndexFunc(clips, func(c human.Clip) bool { return strings.HasSuffix(c.Name, "0870") })]
	engine, whisper, elsewhere := startEngine(t), startWhisper(t), startWhisper(t, "--inference-path", "/v1/transcribe")
	for _, tt := range []struct {
		name, url, dialect, want string
	}{
		{"engine", engine, Vocoder, clip.Words},
		{"engine, predecessor's path", engine + "/v1/transcribe", Vocoder, clip.Words},
		{"engine, path of OpenAI", engine + "/v1/audio/transcriptions", OpenAI, clip.Words},
		{"engine, base of OpenAI", engine + "/v1", "", clip.Words},
		{"whisper.cpp", whisper, WhisperCPP, realserver.Sentence},
		{"whisper.cpp, its path", whisper + "/inference", WhisperCPP, realserver.Sentence},
		{"whisper.cpp, another path", elsewhere + "/v1/transcribe", WhisperCPP, realserver.Sentence},
		{"whisper.cpp, wrong path", whisper + "/v1/transcribe", WhisperCPP, realserver.Sentence},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := client(t, Config{URL: tt.url, Language: language.Of("en")})
			if err := c.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			text, err := c.Transcribe(t.Context(), clip.Clip)
			if err != nil {
				t.Fatal(err)
			}
			rate := errorRate(tt.want, text)
			t.Logf("%s: word error rate %.0f %%, %v", c.Health()[0].Dialect, rate, time.Since(begin).Round(time.Millisecond))
			if rate > 10 || strings.ContainsAny(text, "\n\t") || strings.TrimSpace(text) != text {
				t.Errorf("word error rate %.0f %%: %q", rate, text)
			}
			if got := c.Health()[0].Dialect; tt.dialect != "" && got != tt.dialect {
				t.Errorf("taken for %s, want %s", got, tt.dialect)
			}
		})
	}
	t.Run("the prompt is no harm", func(t *testing.T) {
		c := client(t, Config{URL: whisper, Prompt: "Dashwood"})
		text, err := c.Transcribe(t.Context(), clip.Clip)
		if err != nil || errorRate(realserver.Sentence, text) > 0 {
			t.Errorf("%q, %v", text, err)
		}
	})
	t.Run("the second helps the first", func(t *testing.T) {
		c := client(t, Config{URL: "http://127.0.0.1:1"}, Config{URL: engine})
		text, err := c.Transcribe(t.Context(), clip.Clip)
		if err != nil || errorRate(clip.Words, text) > 10 {
			t.Errorf("%q, %v", text, err)
		}
	})
	t.Run("half a clip is no harm", func(t *testing.T) {
		c := client(t, Config{URL: whisper}).Once()
		if _, err := c.Transcribe(t.Context(), pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, 10)}); err != nil {
			t.Error(err)
		}
	})
}
