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
	heard       *heardSources // of all recordings
	callerHooks Hooks         // of the caller of RecordTo
	reported    [Broken + 1]bool
	lastProblem Problem // the problem that was reported last, 0 when it is over

	zeros    int  // samples in a row that are exactly zero, of a source that is not muted
	hadSound bool // a sample of this recording was not zero
	works    bool // a sample of this source, in any recording, was not zero
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

// setSource sets the source of the next samples.
func (m *monitor) setSource(src Source, h *Hooks) {
	if src.Name != m.source.Name || src.Muted != m.source.Muted {
		m.zeros = 0
	}
	m.source, m.works = src, m.heard.has(src.Name)
	if !src.Muted {
		m.resolve(h, Muted)
	}
}

// heardSources are the sources that have delivered a sample that is not zero, the last
// one last. A noise gate delivers zeros until the user speaks, and a Bluetooth headset
// while it changes its profile. So zeros of such a source mean less than those of a
// source that never delivered anything else.
type heardSources struct{ names []string }

// heardSourcesMax limits heardSources. A computer has few microphones, but the names of
// some change each time they are plugged in.
const heardSourcesMax = 16

func (s *heardSources) has(name string) bool { return slices.Contains(s.names, name) }

// add adds a source. It forgets the one that was added first if there are too many.
func (s *heardSources) add(name string) {
	s.names = slices.DeleteFunc(s.names, func(n string) bool { return n == name })
	s.names = append(s.names, name)
	s.names = s.names[max(0, len(s.names)-heardSourcesMax):]
}

const (
	silentAfter      = pcm.Rate / 2   // a microphone never delivers zeros for this long;
	silentAfterSound = 3 * pcm.Rate   // one that delivered other sound may: it has a noise gate
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
		if m.zeros++; v != 0 {
			m.soundArrived(h)
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
		if (m.zeros == silentAfterSound || m.zeros == silentAfter && !m.works) && !m.source.Muted {
			m.report(Silent, h)
		}
	}
	if f, whole := m.tracker.add(s); whole {
		m.reportFrame(f, h)
	}
}

// soundArrived records a sample that is not zero.
func (m *monitor) soundArrived(h *Hooks) {
	m.zeros = 0
	if !m.hadSound || !m.works {
		m.hadSound, m.works = true, true
		m.heard.add(m.source.Name)
	}
	if m.lastProblem == Silent {
		m.resolve(h, Silent)
	}
}

// end reports a recording of nothing but zeros. It receives the last samples, those that
// are too few for a frame. A recording shorter than silentAfter is a slip of the key.
func (m *monitor) end(rest []int16, whole int, h *Hooks) {
	sound := m.hadSound || slices.ContainsFunc(rest, func(v int16) bool { return v != 0 })
	if whole >= silentAfter && !sound && !m.source.Muted {
		m.report(Silent, h)
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
