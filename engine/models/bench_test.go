package models

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestBenchClip checks that the clip of benchmarks is speech of some seconds.
func TestBenchClip(t *testing.T) {
	b, err := BenchClip()
	if err != nil {
		t.Fatal(err)
	}
	c, err := pcm.ReadWAV(bytes.NewReader(b))
	if err != nil || c.Duration() < 7*time.Second || c.Duration() > 8*time.Second || c.Rate != 8000 {
		t.Errorf("%v at %d Hz, %v", c.Duration(), c.Rate, err)
	}
}

// TestBenchmarks checks that the last benchmark of each model is kept, and that a file that
// cannot be read, or nonsense in it, is no benchmark.
func TestBenchmarks(t *testing.T) {
	s := Store{Dir: filepath.Join(t.TempDir(), "models")}
	if all := s.Benchmarks(); len(all) > 0 {
		t.Errorf("%v without a file", all)
	}
	at := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for _, b := range []Benchmark{{0.5, 2, at}, {0.27, 4, at}} {
		if err := s.KeepBenchmark(Base, b); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.KeepBenchmark(Default, Benchmark{0.04, 2, at}); err != nil {
		t.Fatal(err)
	}
	if all := s.Benchmarks(); len(all) != 2 || all[Base] != (Benchmark{0.27, 4, at}) || all[Default].Pace != 0.04 {
		t.Errorf("%v", all)
	}
	for _, text := range []string{"", "[]", "null", `{"../x": {"pace": 1}}`, `{"a": {"pace": 0}}`, `{"a": {"pace": -1}}`, strings.Repeat(" ", maxBench+1)} {
		if err := os.WriteFile(filepath.Join(s.Dir, benchFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if all := s.Benchmarks(); all == nil || len(all) > 0 {
			t.Errorf("%.30q: %v", text, all)
		}
	}
}
