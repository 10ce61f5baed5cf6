package capture

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jfreymuth/pulse/proto"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestMissing: a recording that lacks sound has an error, and what there is.
func TestMissing(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before behavior               // besides the default
		hold   time.Duration          // of the key
		during func(f *fake, h *held) // called after hold, instead of the release
		most   time.Duration          // of sound
		least  time.Duration          // of sound
		is     bool                   // ErrGap
		says   string                 // in the error; "" is no error
		broken bool                   // reported
	}{
		{"the microphone opens after the tail", behavior{delay: 300 * time.Millisecond}, 100 * time.Millisecond, nil, 0, 0, true, errLate.Error(), false},
		{"the microphone cannot be opened", behavior{denied: true}, time.Second, nil, 0, 0, false, "open mic", false},
		{"no sound after the release", behavior{}, time.Second, func(f *fake, h *held) {
			f.newest().cork <- true
			h.letGo()
		}, time.Second + testTail, 900 * time.Millisecond, true, "missing at the end: " + errStalled.Error(), true},
		{"the stream ends before its first sound", behavior{latency: 500 * time.Millisecond}, 200 * time.Millisecond, func(f *fake, h *held) {
			f.set(func(b *behavior) { b.latency = 0 })
			_ = f.newest().Close()
			<-time.After(time.Second)
			h.letGo()
		}, 1200*time.Millisecond + testTail, time.Second, false, "", false},
		{"the stream ends after its first sound", behavior{}, 200 * time.Millisecond, func(f *fake, h *held) {
			_ = f.newest().Close()
			<-time.After(time.Second)
			h.letGo()
		}, 1200*time.Millisecond + testTail, time.Second, true, "missing: ", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onFake(t, func(t *testing.T, f *fake) {
				f.set(func(b *behavior) { b.delay, b.denied, b.latency = tt.before.delay, tt.before.denied, tt.before.latency })
				m := runMic(t, f.config())
				m.ready(time.Minute)
				h := m.hold()
				<-time.After(tt.hold)
				if tt.during == nil {
					h.letGo()
				} else {
					tt.during(f, h)
				}
				if errors.Is(h.err, ErrGap) != tt.is || (h.err == nil) != (tt.says == "") || h.err != nil && !strings.Contains(h.err.Error(), tt.says) {
					t.Errorf("error %v, want %q", h.err, tt.says)
				}
				if d := h.clip.Duration(); d < tt.least || d > tt.most {
					t.Errorf("%v of sound", d)
				}
				synctest.Wait()
				broken := false
				for len(m.problems) > 0 {
					broken = <-m.problems == Broken || broken
				}
				if broken != tt.broken {
					t.Errorf("reported that the stream broke off: %v", broken)
				}
			})
		})
	}
}

// TestMissingEnd: if only the end is missing, the error says so. Without any sound it says why
// there is none.
func TestMissingEnd(t *testing.T) {
	for _, tt := range []struct {
		sound []int16
		want  string
	}{
		{[]int16{1, 2, 3}, "record: sound is missing at the end: no sound arrived"},
		{nil, "record: no sound arrived"},
	} {
		s := newSession(&Config{}, nil)
		rec := newRecording(time.Now(), &fakeVoice{}, 0)
		rec.buf, s.recordings = tt.sound, []*recording{rec}
		s.finish(rec, errStalled)
		got := <-rec.reply
		if got.err.Error() != tt.want || errors.Is(got.err, ErrGap) != (tt.sound != nil) || len(got.clip.Samples) != len(tt.sound) {
			t.Errorf("%d samples, %v, want %s", len(got.clip.Samples), got.err, tt.want)
		}
	}
}

// TestTailToTheFrame: a tail ends with the third quiet frame, or at minTail with the next
// sound that arrives.
func TestTailToTheFrame(t *testing.T) {
	for _, tt := range []struct {
		name   string
		hold   time.Duration
		voice  int // frames
		frames int // of the recording, which begins startMargin before the press
		more   int // samples, at most
	}{
		{"three frames after the voice", time.Second, 40, 43, 0},
		{"at minTail", 34*pcm.VoiceFrame - minTail - startMargin, 10, 34, 0},
		{"just after minTail", 34*pcm.VoiceFrame - minTail - startMargin + time.Millisecond, 10, 34, fragmentBytes / 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onFake(t, func(t *testing.T, f *fake) {
				f.set(func(b *behavior) { b.exact = true })
				c := f.config()
				c.detector = func() detector {
					return &fakeVoice{in: func(frame int, _ []int16) bool { return frame < tt.voice }}
				}
				m := runMic(t, c)
				m.ready(time.Second)
				m.record(time.Second) // it opens the microphone
				<-time.After(time.Second)
				h := m.record(tt.hold)
				if more := len(h.clip.Samples) - tt.frames*vad.Window; more < 0 || more > tt.more || (more == 0) != (tt.more == 0) || h.err != nil {
					t.Errorf("%d samples more than %d frames; %v", more, tt.frames, h.err)
				}
			})
		})
	}
}

// TestChannels: a source may have several channels.
func TestChannels(t *testing.T) {
	for _, message := range [][]byte{
		new(tags).put('v', 1, 0, 1, 0, 0).put('m', 1, 0).b,
		new(tags).put('v', 2, 0, 1, 0, 0, 0, 1, 0, 0).put('m', 2, 1, 2).b,
		new(tags).put('v', 3, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 7).put('m', 3, 1, 2, 3).b,
	} {
		message = append(new(tags).u32(proto.OpReply).u32(1).b, message...)
		form := reflect.TypeFor[struct {
			V proto.ChannelVolumes
			M proto.ChannelMap
		}]()
		if got, err := normalize(message, form, clientVersion); err != nil || string(got) != string(message) {
			t.Errorf("%v becomes %v, %v", message, got, err)
		}
		if _, err := normalize(message[:len(message)-1], form, clientVersion); !errors.Is(err, errProtocol) {
			t.Errorf("%v, cut short: %v", message, err)
		}
	}
}
