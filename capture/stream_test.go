package capture

import (
	"context"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

// TestOnTheWay: what a server reports of a stream tells which sample is spoken now. No more
// than maxLatency is believed of each part.
func TestOnTheWay(t *testing.T) {
	const most = int64(maxLatency) * 16 / int64(time.Millisecond)
	for _, tt := range []struct {
		name string
		l    proto.GetRecordLatencyReply
		want int64
	}{
		{"at once", proto.GetRecordLatencyReply{}, 0},
		{"a slow microphone", proto.GetRecordLatencyReply{Latency: 20000}, 320},
		{"a queue", proto.GetRecordLatencyReply{WriteIndex: 10000, ReadIndex: 9000}, 500},
		{"both", proto.GetRecordLatencyReply{Latency: 20000, WriteIndex: 10000, ReadIndex: 9000}, 820},
		{"a monitor", proto.GetRecordLatencyReply{Latency: 5000, MonitorLatency: 20000}, -240},
		{"a monitor and a queue", proto.GetRecordLatencyReply{Latency: 5000, MonitorLatency: 20000, WriteIndex: 1000}, 260},
		{"read ahead", proto.GetRecordLatencyReply{Latency: 20000, ReadIndex: 1000}, 320},
		{"a microphone that lies", proto.GetRecordLatencyReply{Latency: math.MaxUint64}, most},
		{"an output that lies", proto.GetRecordLatencyReply{MonitorLatency: math.MaxUint64}, -most},
		{"a queue that lies", proto.GetRecordLatencyReply{WriteIndex: math.MaxInt64}, most},
	} {
		if got := onTheWay(tt.l); got != tt.want {
			t.Errorf("%s: %d samples, want %d", tt.name, got, tt.want)
		}
	}
}

// changed tells the client that a source, or the default, has changed.
func (f *fake) changed(change func(*behavior)) {
	f.set(change)
	f.newest().say(proto.OpSubscribeEvent, new(tags).u32(0x11).u32(1))
}

// state returns the last state since the call before, or a zero one if there was none.
func (m *mic) state() (last State) {
	synctest.Wait()
	for len(m.states) > 0 {
		last = <-m.states
	}
	return last
}

// TestMuting: a microphone that is muted or unmuted is reported at once, with or without a
// recording. What happens to another source is not.
func TestMuting(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		f.set(func(b *behavior) { b.sources = append(b.sources, fakeSource{name: "other", description: "Other"}) })
		m := runMic(t, f.config())
		m.ready(time.Second)
		mute := func(source int, muted bool) {
			f.changed(func(b *behavior) { b.sources[source].muted = muted })
		}
		expect := func(moment string, want State) {
			t.Helper()
			if got := m.state(); got != want {
				t.Errorf("%s: %v, want %v", moment, got, want)
			}
		}
		for _, moment := range []string{"idle", "during a recording", "idle again"} {
			var h *held
			if moment == "during a recording" {
				h = m.hold()
				<-time.After(time.Second)
			}
			mute(1, true)
			expect(moment+": the other is muted", State{})
			mute(0, true)
			expect(moment+": muted", State{Source: "A Microphone", Muted: true})
			if h != nil {
				m.expect(Muted, time.Second)
			}
			mute(0, true)
			expect(moment+": the same again", State{})
			mute(0, false)
			expect(moment+": unmuted", State{Source: "A Microphone"})
			mute(1, false)
			if h != nil {
				synctest.Wait()
				if len(m.well) == 0 {
					t.Error("not reported that it is unmuted")
				}
				h.letGo()
			}
		}
	})
}

// TestNewDefault: when another source becomes the default, the next recording is of that.
// One that is under way stays with its own. If the settings name the source, the default
// means nothing.
func TestNewDefault(t *testing.T) {
	for _, tt := range []struct {
		name   string
		source string        // of the settings
		linger time.Duration // of the recording before
		held   bool          // it changes during a recording
		next   string
	}{
		{"idle", "", -1, false, "other"},
		{"while the microphone is open", "", time.Minute, false, "other"},
		{"during a recording", "", -1, true, "other"},
		{"during a recording, and the microphone stays open", "", time.Minute, true, "other"},
		{"another is named", "mic", time.Minute, false, "mic"},
		{"another is named, during a recording", "mic", -1, true, "mic"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onFake(t, func(t *testing.T, f *fake) {
				f.set(func(b *behavior) { b.sources = append(b.sources, fakeSource{name: "other", description: "Other"}) })
				c := f.config()
				c.Source, c.Linger = tt.source, tt.linger
				m := runMic(t, c)
				m.ready(time.Second)
				h := m.hold()
				<-time.After(time.Second)
				if !tt.held {
					h.letGo()
					<-time.After(time.Second)
				}
				f.changed(func(b *behavior) { b.preset = "other" })
				<-time.After(time.Second)
				if tt.held {
					if m.state().Source == "Other" || f.recorded() != "mic" {
						t.Errorf("the recording changed to %s", f.recorded())
					}
					h.letGo()
					lasts(t, h.clip, 2*time.Second+testTail)
				}
				if h.err != nil {
					t.Error(h.err)
				}
				<-time.After(2 * time.Second)
				next := m.record(time.Second)
				if got := f.recorded(); got != tt.next || next.err != nil {
					t.Errorf("the next recording is of %q, want %q; %v", got, tt.next, next.err)
				}
				lasts(t, next.clip, time.Second+testTail)
			})
		})
	}
}

// recorded returns the source of the last record stream.
func (f *fake) recorded() string {
	synctest.Wait()
	return f.newest().source
}

// TestRefusedIsGivenBack: while the server refuses to open the microphone, a recording waits
// for it, and gets it with one attempt. If the recording has ended, the microphone that can
// be opened again is not left open, whatever Linger is.
func TestRefusedIsGivenBack(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		f.set(func(b *behavior) { b.denied = true })
		m := runMic(t, f.config())
		m.ready(time.Second)
		h := m.hold()
		m.expect(Unready, time.Second)
		before, _ := f.streams()
		f.set(func(b *behavior) { b.denied = false })
		<-time.After(maxLateRetry)
		if asked, open := f.streams(); asked != before+1 || open != 1 {
			t.Errorf("during a recording: asked %d times, %d streams", asked-before, open)
		}
		h.letGo()
	})
	for name, limit := range map[string]time.Duration{"ended": time.Minute, "discarded": time.Second} {
		onFake(t, func(t *testing.T, f *fake) {
			f.set(func(b *behavior) { b.denied = true })
			m := runMic(t, f.config())
			m.ready(time.Second)
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			stop := make(chan struct{})
			time.AfterFunc(2*time.Second, func() { close(stop) })
			if _, err := m.Record(ctx, stop); err == nil {
				t.Error("no error")
			}
			<-time.After(10 * time.Second)
			f.set(func(b *behavior) { b.denied = false })
			<-time.After(maxLateRetry + time.Second)
			if _, open := f.streams(); open != 0 {
				t.Errorf("%s: %d streams", name, open)
			}
		})
	}
}
