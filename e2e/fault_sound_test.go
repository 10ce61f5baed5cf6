//go:build e2e

package e2e_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

// sounds are the units of the sound server.
const sounds = "pipewire-pulse.socket pipewire.socket pipewire-pulse pipewire wireplumber"

// soundRestarted restarts the sound server during a hold. The speech before and after
// that is one utterance. A restart between recordings has no effect.
func soundRestarted(t *testing.T, f *faultSession) {
	f.alice(t, "systemctl --user restart pipewire pipewire-pulse wireplumber")
	pass(t, 2*time.Second)
	f.hears(t)
	f.says(t, flower+" idle")
	f.rig.do(t, "press p KEY_F14", "wait 1s")
	f.alice(t, "systemctl --user restart pipewire pipewire-pulse wireplumber")
	f.rig.do(t, "wait 2s", "release p KEY_F14")
	q := f.next(t)
	t.Logf("%v were recorded", q.Duration())
	if q.Duration() < time.Second {
		t.Errorf("I3: %v were recorded of a hold of more than 3 s", q.Duration())
	}
	f.answers(t, q, flower+" spliced")
}

// defaultChanged makes a second microphone the default during a hold. The daemon records
// from it at the next press, not before.
func defaultChanged(t *testing.T, f *faultSession) {
	first := strings.TrimSpace(f.alice(t, "pactl get-default-source"))
	// It gets its sound from the first one, like a noise filter.
	module := strings.TrimSpace(f.alice(t, "pactl load-module module-remap-source source_name=second master="+first))
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", "pactl set-default-source "+first+"; pactl unload-module "+module)
		ok(t, err)
	})
	f.hears(t)
	for _, tt := range []struct{ change, during string }{{"second", first}, {first, "second"}} {
		f.rig.do(t, "press p KEY_F14", "wait 500ms")
		f.alice(t, "pactl set-default-source "+tt.change)
		f.rig.do(t, "wait 1s")
		if got := f.microphone(t); got != tt.during {
			t.Errorf("recorded is %s, want %s", got, tt.during)
		}
		f.rig.do(t, "release p KEY_F14")
		q := f.next(t)
		t.Logf("%v were recorded from %s", q.Duration(), tt.during)
		if loud := slices.Max(q.Samples); q.Duration() < 1500*time.Millisecond || loud < 300 {
			t.Errorf("I3: %v were recorded of a hold of 1.5 s, the loudest sample is %d", q.Duration(), loud)
		}
		f.answers(t, q, flower+" "+tt.during[:4])
	}
}

// microphone returns the name of the source that the daemon records.
func (f *faultSession) microphone(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(f.alice(t, `id=$(pactl list source-outputs | awk '/Source: /{s=$2} /application.name = "vocoder"/{print s; exit}')
		pactl list short sources | awk -v id="$id" '$1 == id {print $2}'`))
}

// microphoneRemoved removes the sound card during a hold. The daemon transcribes what
// was recorded until then. When the card is back, dictation works as before.
func microphoneRemoved(t *testing.T, f *faultSession) {
	card := strings.TrimSpace(f.root(t, "basename $(readlink -f /sys/class/sound/card0/device)"))
	driver := strings.TrimSpace(f.root(t, "readlink -f /sys/class/sound/card0/device/driver"))
	f.later(t, "test -e "+driver+"/"+card+" || echo "+card+" > "+driver+"/bind")
	l := follow(within(t, time.Minute), t, "alice", "exec vocoderctl watch --json")
	f.rig.do(t, "press p KEY_F14", "wait 1500ms")
	f.root(t, "echo "+card+" > "+driver+"/unbind")
	t.Log(l.until(t, contains(`"microphone":"`)))
	f.rig.do(t, "release p KEY_F14")
	q := f.next(t)
	t.Logf("%v were recorded until then", q.Duration())
	if q.Duration() < time.Second {
		t.Errorf("I3: %v were recorded before the card went", q.Duration())
	}
	f.answers(t, q, flower+" until then")
	f.rig.do(t, holding("KEY_F14", 400*time.Millisecond), "wait 500ms")
	f.none(t)
	f.root(t, "echo "+card+" > "+driver+"/bind")
	l.until(t, func(s string) bool { return !strings.Contains(s, `"microphone":"`) })
}

// mutedMicrophone checks that the daemon does not send a recording of a muted
// microphone, and that the status has the reason.
func mutedMicrophone(t *testing.T, f *faultSession) {
	f.startWith(t, strings.Replace(settings, "gate: false", "gate: true", 1)+"key: KEY_F14\n")
	f.hears(t)
	f.alice(t, "pactl set-source-mute @DEFAULT_SOURCE@ 1")
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", "pactl set-source-mute @DEFAULT_SOURCE@ 0")
		ok(t, err)
	})
	l := follow(within(t, time.Minute), t, "alice", "exec vocoderctl watch --json")
	l.until(t, contains("the microphone is muted"))
	journal := fromNow(t, "_SYSTEMD_USER_UNIT=vocoder.service")
	f.rig.do(t, "wait 500ms", holding("KEY_F14", 700*time.Millisecond))
	journal.until(t, contains("utterance refused", "reason="))
	f.none(t)
	f.alice(t, "pactl set-source-mute @DEFAULT_SOURCE@ 0")
	l.until(t, contains(`"lacks":{}`))
	f.dictate(t)
}
