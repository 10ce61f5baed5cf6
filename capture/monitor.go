package capture

import (
	"math"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// A monitor measures one recording and reports its problems.
type monitor struct {
	source      Source
	callerHooks Hooks // of the caller of RecordTo
	reported    [Broken + 1]bool
	lastProblem Problem // the problem that was reported last, 0 when it is over

	zeros    int  // samples in a row that are exactly zero
	hadSound bool // a sample was not zero
	clipped  int  // samples at full scale in the present second
	second   int  // samples of the present second
	tracker  tracker
	spoken   time.Duration // length of all frames with a voice
	loudest  float64       // level of the loudest of these frames, in dB
}

// report calls the Problem hook, once for each problem.
func (m *monitor) report(p Problem, h *Hooks) {
	if m.reported[p] {
		return
	}
	m.reported[p], m.lastProblem = true, p
	if h.Problem != nil {
		h.Problem(Trouble{Problem: p, Source: m.source.Description})
	}
}

// resolve reports that the last problem is over, if it is one of these.
func (m *monitor) resolve(h *Hooks, these ...Problem) {
	if !slices.Contains(these, m.lastProblem) {
		return
	}
	m.lastProblem = 0
	if h.Problem != nil {
		h.Problem(Trouble{})
	}
}

// sourceChanged records a change of the source.
func (m *monitor) sourceChanged(src Source, h *Hooks) {
	m.source = src
	if !src.Muted {
		m.resolve(h, Muted)
	}
}

const (
	silentAfter      = pcm.Rate / 2   // a microphone never delivers zeros for this long;
	silentAfterSound = 3 * pcm.Rate   // after other sound a noise gate may deliver them
	clippedLimit     = pcm.Rate / 500 // with this many samples at full scale a second, distortion is audible

	quietAfter = 512 * time.Millisecond // a voice of this length is reported as quiet
	quietLevel = -50                    // if it never reaches this level, in dB
)

// measureLevel measures the next samples of the recording. It must not receive more
// samples than the tracker's frame lacks.
func (m *monitor) measureLevel(s []int16, h *Hooks) {
	m.resolve(h, Unready, Stalled, Broken)
	if m.source.Muted {
		m.report(Muted, h)
	}
	for _, v := range s {
		m.zeros++
		if v != 0 {
			m.zeros, m.hadSound = 0, true
			if m.lastProblem == Silent {
				m.resolve(h, Silent)
			}
		}
		if v == math.MaxInt16 || v == math.MinInt16 {
			m.clipped++
		}
		if m.second++; m.second == pcm.Rate {
			if m.clipped < clippedLimit {
				m.resolve(h, Clipping)
			}
			m.second, m.clipped = 0, 0
		}
		if m.clipped == clippedLimit {
			m.report(Clipping, h)
		}
		if (m.zeros == silentAfterSound || m.zeros == silentAfter && !m.hadSound) && !m.source.Muted {
			m.report(Silent, h)
		}
	}
	if f, whole := m.tracker.add(s); whole {
		m.reportFrame(f, h)
	}
}

// reportFrame calls the Frame hooks, and reports a voice that is too quiet.
func (m *monitor) reportFrame(f Frame, h *Hooks) {
	for _, h := range []*Hooks{h, &m.callerHooks} {
		if h.Frame != nil {
			h.Frame(f)
		}
	}
	if !pcm.IsVoice(f.Voice) {
		return
	}
	if m.spoken == 0 {
		m.loudest = silence
	}
	m.spoken += pcm.VoiceFrame
	m.loudest = max(m.loudest, f.Level)
	if m.spoken >= quietAfter && m.loudest < quietLevel {
		m.report(Quiet, h)
	}
	if m.loudest >= quietLevel {
		m.resolve(h, Quiet)
	}
}
