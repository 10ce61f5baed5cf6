package models

import (
	_ "embed"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
)

//go:embed bench.wav.gz
var benchClip []byte

// BenchClip returns the WAV file of a clip for benchmarks: seven seconds of a person who
// reads, in the public domain (LibriVox, "Sense and Sensibility" by Jane Austen).
func BenchClip() ([]byte, error) { return unzip(benchClip) }

// A Benchmark is how fast a model was on this machine.
type Benchmark struct {
	Pace    float64   `json:"pace"` // seconds for a second of speech
	Threads int       `json:"threads"`
	At      time.Time `json:"at"`
}

// benchFile is the file in the store with the last benchmark of each model, by name. The
// doctor of vocoder reads it too.
const benchFile = "bench.json"

// maxBench bounds the size of the file, in bytes.
const maxBench = 64 << 10

// Benchmarks returns the last benchmark of each model. If the file cannot be read, there is
// none.
func (s Store) Benchmarks() map[string]Benchmark {
	all := map[string]Benchmark{}
	b, err := atomicfile.ReadUpTo(filepath.Join(s.Dir, benchFile), maxBench)
	if err != nil || json.Unmarshal(b, &all) != nil || all == nil {
		return map[string]Benchmark{}
	}
	maps.DeleteFunc(all, func(name string, b Benchmark) bool { return !names.MatchString(name) || b.Pace <= 0 })
	return all
}

// KeepBenchmark keeps the benchmark of a model.
func (s Store) KeepBenchmark(name string, b Benchmark) error {
	all := s.Benchmarks()
	all[name] = b
	text, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(s.Dir, benchFile), append(text, '\n'))
}
