package capture

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

// The sources that a server shows for headsets and other microphones.
var microphones = []struct {
	name      string
	source    fakeSource
	bluetooth bool
}{
	{"built in", fakeSource{name: "alsa_input.pci-0000_00_1f.3.analog-stereo", properties: []string{"device.api", "alsa", "device.bus", "pci"}}, false},
	{"USB", fakeSource{name: "alsa_input.usb-Blue_Yeti", properties: []string{"device.bus", "usb"}}, false},
	{"named like a headset", fakeSource{name: "my_bluez_microphone"}, false},
	{"headset of PulseAudio", fakeSource{name: "headset", properties: []string{"device.bus", "bluetooth"}}, true},
	{"headset of PipeWire", fakeSource{name: "headset", properties: []string{"device.api", "bluez5"}}, true},
	{"headset by its name", fakeSource{name: "bluez_input.00_11_22_33_44_55.0"}, true},
	{"echo cancellation of a headset", fakeSource{name: "echo", properties: []string{"device.master_device", "bluez_source.00_11_22_33_44_55.handsfree_head_unit"}}, true},
	{"echo cancellation of another", fakeSource{name: "echo", properties: []string{"device.master_device", "alsa_input.pci"}}, false},
}

// TestNoStreamWhileIdle checks when the server has a record stream: a desktop shows that
// a program listens as long as it has one, corked or not.
func TestNoStreamWhileIdle(t *testing.T) {
	const linger, idle = 10 * time.Second, time.Minute
	for _, microphone := range microphones {
		for _, preRoll := range []time.Duration{0, 300 * time.Millisecond} {
			if preRoll > 0 && microphone.bluetooth { // as all others
				continue
			}
			t.Run(microphone.name+", pre-roll "+preRoll.String(), func(t *testing.T) {
				onFake(t, func(t *testing.T, f *fake) {
					f.set(func(b *behavior) { b.sources, b.preset = []fakeSource{microphone.source}, microphone.source.name })
					c := f.config()
					c.Linger, c.PreRoll = linger, preRoll
					m := runMic(t, c)
					m.ready(time.Second)
					streams := func(moment string, want bool) {
						t.Helper()
						synctest.Wait()
						if _, open := f.streams(); open != map[bool]int{true: 1}[want || preRoll > 0] {
							t.Errorf("%s: %d record streams", moment, open)
						}
					}
					<-time.After(idle)
					streams("before the first press", false)
					for range 2 {
						h := m.hold()
						<-time.After(time.Second)
						streams("during a recording", true)
						h.letGo()
						if h.err != nil {
							t.Error(h.err)
						}
						lasts(t, h.clip, time.Second+testTail+preRoll+map[bool]time.Duration{true: startMargin}[preRoll > 0])
						<-time.After(10 * time.Millisecond)
						streams("after a recording", !microphone.bluetooth)
						<-time.After(linger - time.Second)
						streams("before the end of the linger", !microphone.bluetooth)
						<-time.After(time.Second)
						streams("after the linger", false)
						<-time.After(idle)
						streams("long after", false)
					}
					if n := f.count(); n != 1 {
						t.Errorf("%d connections", n)
					}
				})
			})
		}
	}
}

// TestStreamRefused has a server that refuses to open the microphone for a while, and
// reports neither the beginning nor the end of that.
func TestStreamRefused(t *testing.T) {
	for _, preRoll := range []time.Duration{0, 300 * time.Millisecond} {
		onFake(t, func(t *testing.T, f *fake) {
			c := f.config()
			c.Linger, c.PreRoll = -1, preRoll
			m := runMic(t, c)
			m.ready(time.Second)
			m.record(time.Second)
			<-time.After(time.Second)
			f.set(func(b *behavior) { b.denied = true })
			if preRoll > 0 {
				f.newest().say(proto.OpRecordStreamKilled, new(tags).u32(1))
			}
			h := m.hold()
			m.expect(Unready, time.Second)
			before, _ := f.streams()
			<-time.After(10 * time.Second)
			if asked, _ := f.streams(); asked-before < 3 || asked-before > 20 {
				t.Errorf("asked %d times within 10 s of a recording", asked-before)
			}
			f.set(func(b *behavior) { b.denied = false })
			<-time.After(maxLateRetry + time.Second)
			h.letGo()
			if d := h.clip.Duration(); d < time.Second {
				t.Errorf("%v of sound after the microphone can be opened", d)
			}

			<-time.After(time.Second)
			f.set(func(b *behavior) { b.denied = true })
			if preRoll > 0 {
				f.newest().say(proto.OpRecordStreamKilled, new(tags).u32(1))
			}
			h = m.record(time.Second)
			if h.err == nil {
				t.Error("no error")
			}
			before, _ = f.streams()
			<-time.After(10 * time.Minute)
			if asked, open := f.streams(); asked-before > int(10*time.Minute/maxLateRetry)+10 || open != 0 {
				t.Errorf("asked %d times within ten minutes, %d streams", asked-before, open)
			}
			f.set(func(b *behavior) { b.denied = false })
			<-time.After(maxLateRetry + time.Second)
			if _, open := f.streams(); open != map[bool]int{true: 1}[preRoll > 0] {
				t.Errorf("%d streams after the microphone can be opened", open)
			}
			lasts(t, m.record(time.Second).clip, time.Second+testTail+preRoll+map[bool]time.Duration{true: startMargin}[preRoll > 0])
		})
	}
}

// TestLatency has servers whose sound comes late, and servers that report another
// latency than they have. All that was spoken while the key was held is in the clip.
func TestLatency(t *testing.T) {
	for _, tt := range []struct {
		name         string
		latency, lie time.Duration
	}{
		{"none", 0, 0},
		{"a second late", time.Second, 0},
		{"longer than a stream may stall", 2 * time.Second, 0},
		{"reported 300 ms too long", 0, 300 * time.Millisecond},
		{"reported a second too long", 100 * time.Millisecond, time.Second},
		{"reported 10 s too long", 0, 10 * time.Second},
		{"reported for ever too long", 50 * time.Millisecond, 1 << 40},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onFake(t, func(t *testing.T, f *fake) {
				f.set(func(b *behavior) { b.latency = tt.latency })
				m := runMic(t, f.config())
				m.ready(time.Second)
				for i := range 3 { // on a new stream, then on a running one
					h := m.record(2 * time.Second)
					if h.err != nil {
						t.Error(h.err)
					}
					whole(t, h.clip)
					want := 2*time.Second + testTail - tt.latency/10 - 40*time.Millisecond // two packets
					if i > 0 {                                                             // it begins with the press, and ends too late
						want += min(tt.lie, maxLatency) - tt.latency
					}
					if d := h.clip.Duration(); d < want {
						t.Errorf("%v of sound, want %v", d, want)
					}
					if took := time.Since(h.release); took > testTail+max(tt.latency, min(tt.lie, maxLatency))+200*time.Millisecond {
						t.Errorf("returned %v after the release", took)
					}
					f.set(func(b *behavior) { b.lie = tt.lie })
					<-time.After(5 * time.Second)
				}
			})
		})
	}
}

// TestStaleEvent sends events about a stream that has been closed, which may be late, and
// then one about the open stream.
func TestStaleEvent(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		c := f.config()
		c.Linger = -1
		m := runMic(t, c)
		m.ready(time.Second)
		m.record(time.Second)
		<-time.After(time.Second)
		suspended := new(tags).u32(1).yes(true)
		f.newest().say(proto.OpRecordStreamSuspended, suspended)
		f.newest().say(proto.OpRecordStreamKilled, new(tags).u32(1))
		f.newest().say(proto.OpRecordStreamSuspended, suspended)
		h := m.hold()
		<-time.After(time.Second)
		if n := f.count(); n != 1 {
			t.Errorf("%d connections after events about a closed stream", n)
		}
		f.newest().say(proto.OpRecordStreamKilled, new(tags).u32(1))
		m.expect(Broken, time.Second)
		h.letGo()
		h.fails(t, ErrGap)
	})
}

// TestStuckServer checks that the microphone is given back although the stream has no
// room for commands: the connection ends.
func TestStuckServer(t *testing.T) {
	closed := false
	s := newSession(&Config{Log: slog.New(slog.DiscardHandler)}, nil)
	s.stream = streamHandle{commands: make(chan command), events: make(chan any), cancel: func() { closed = true }}
	s.running = true
	s.closeMicrophone(time.Now())
	if !closed || s.running {
		t.Errorf("connection closed: %v, running: %v", closed, s.running)
	}
}
