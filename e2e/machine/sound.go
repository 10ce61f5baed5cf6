package machine

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os/exec"
	"strconv"
	"strings"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// A Playback is a clip that plays into the machine's microphone.
type Playback struct {
	c       *exec.Cmd
	problem bytes.Buffer
}

// Play plays a clip into the machine's microphone and returns when it has ended. Otherwise
// the microphone records silence.
func (m *Machine) Play(ctx context.Context, clip pcm.Clip) error {
	p, err := m.StartPlay(ctx, clip)
	if err != nil {
		return err
	}
	return p.Wait(ctx)
}

// StartPlay starts to play a clip into the microphone. The end of the context ends it.
func (m *Machine) StartPlay(ctx context.Context, clip pcm.Clip) (*Playback, error) {
	raw, err := binary.Append(nil, binary.LittleEndian, clip.Samples)
	if err != nil {
		return nil, err
	}
	p := new(Playback)
	p.c = exec.CommandContext(ctx, "paplay", "--server=unix:"+pulseSocket(m.dir), "--device="+micSink,
		"--raw", "--format=s16le", "--channels=1", "--rate="+strconv.Itoa(clip.Rate))
	p.c.Stdin, p.c.Stderr = bytes.NewReader(raw), &p.problem
	if err := p.c.Start(); err != nil {
		return nil, fmt.Errorf("play a clip: %w", err)
	}
	return p, nil
}

// Wait returns when the clip has ended. ctx must be that of StartPlay.
func (p *Playback) Wait(ctx context.Context) error {
	if err := p.c.Wait(); err != nil {
		return fmt.Errorf("play a clip: %w: %s", cause(ctx, err), strings.TrimSpace(p.problem.String()))
	}
	return nil
}
