package daemon

import (
	"context"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/test/measure"
	"github.com/arealicehole/vocoder/internal/test/pulse"
)

// TestBenchAnswer measures the daemon's own part of the time from the recognizer's answer to
// the first key. The keyboard takes no time, and the settings name the layout.
func TestBenchAnswer(t *testing.T) {
	measure.Wanted(t)
	answered := make(chan time.Time, 1)
	url := serveText(t, func(int64) string {
		answered <- time.Now()
		return "ok then."
	})
	keys := &paper{pressed: make(chan time.Time, 1)}
	d := pulseDaemon(t, "whisper_url: "+url+"/v1/transcribe\nwhisper: {dialect: vocoder}\naudio: {source: mic, gate: false}\n"+
		"typing: {layout: us}\nbackground: false\n", func(t *testing.T, s pulse.Server) { s.Hum(t) },
		typing.Devices{Open: func() (typing.Device, typing.PhysicalKeys, error) { return keys, noKeysDown{}, nil }})
	var first []float64
	for n := range 31 {
		<-time.After(500 * time.Millisecond) // the last one is typed
		press(t, d)
		<-time.After(time.Second)
		release(t, d)
		at := <-answered
		pressed := <-keys.pressed
		if n > 0 { // the first finds the recognizer
			first = append(first, float64(pressed.Sub(at).Microseconds())/1000)
		}
	}
	measure.Tell(t, "recognizer's answer to first key, on the host", "ms", first...)
}

// A paper is a keyboard that records when the first key of a text was pressed.
type paper struct {
	pressed chan time.Time
	begun   bool
}

func (p *paper) Ready(context.Context) error { p.begun = false; return nil }
func (p *paper) Down(key.Code) error         { return nil }
func (p *paper) Up(key.Code) error           { return nil }
func (p *paper) Sysname() string             { return "" }
func (p *paper) Close() error                { return nil }

func (p *paper) Tap(c key.Code) error {
	if !p.begun && c != neutralKey {
		p.begun = true
		p.pressed <- time.Now()
	}
	return nil
}

// neutralKey is pressed before each text and has no meaning: KEY_UNKNOWN.
const neutralKey key.Code = 240

// noKeysDown are physical keys that are all up.
type noKeysDown struct{}

func (noKeysDown) Up(context.Context) error { return nil }
func (noKeysDown) Down() bool               { return false }
func (noKeysDown) Close()                   {}
