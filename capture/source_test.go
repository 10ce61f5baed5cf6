package capture

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jfreymuth/pulse/proto"
)

func TestChoose(t *testing.T) {
	all := []Source{
		{Name: "alsa_output.monitor", Description: "Monitor of Built-in Audio", Monitor: true},
		{Name: "alsa_input.builtin", Description: "Built-in Audio", Default: true},
		{Name: "alsa_input.usb-headset", Description: "USB Headset"},
		{Name: "alsa_input.usb-camera", Description: "USB Camera"},
	}
	for _, tt := range []struct{ want, name string }{
		{"", "alsa_input.builtin"},
		{"alsa_input.usb-camera", "alsa_input.usb-camera"},
		{"USB Headset", "alsa_input.usb-headset"},
		{"headset", "alsa_input.usb-headset"},
		{"built-in", "alsa_input.builtin"}, // not its monitor
		{"alsa_output.monitor", "alsa_output.monitor"},
		{"Monitor of Built-in Audio", "alsa_output.monitor"},
		{"monitor", ""}, // by its full name only
		{"usb", ""},     // two
		{"bluetooth", ""},
	} {
		s, err := Choose(all, tt.want)
		if s.Name != tt.name || (err == nil) != (tt.name != "") || err != nil && !errors.Is(err, ErrSource) {
			t.Errorf("%q: %q, %v; want %q", tt.want, s.Name, err, tt.name)
		}
	}
	for name, all := range map[string][]Source{
		"nothing":            nil,
		"no default":         {{Name: "mic"}},
		"default is monitor": {{Name: "x.monitor", Monitor: true, Default: true}, {Name: "mic"}},
	} {
		if s, err := Choose(all, ""); !errors.Is(err, ErrSource) {
			t.Errorf("%s: %q, %v", name, s.Name, err)
		}
	}
}

// TestNoDefault: the error names what there is.
func TestNoDefault(t *testing.T) {
	_, err := Choose([]Source{{Name: "mic", Description: "A Microphone"}}, "")
	if err == nil || !strings.Contains(err.Error(), `there is "mic" (A Microphone)`) {
		t.Error(err)
	}
	if _, err = Choose(nil, ""); err == nil || strings.Contains(err.Error(), "there is") {
		t.Error(err)
	}
}

// TestIsMonitor: what an output plays is no microphone, whichever way a server says so.
func TestIsMonitor(t *testing.T) {
	class := func(name string) proto.PropList {
		return proto.PropList{"device.class": proto.PropListString(name)}
	}
	for _, tt := range []struct {
		name string
		s    proto.GetSourceInfoReply
		want bool
	}{
		{"a microphone", proto.GetSourceInfoReply{MonitorSourceIndex: proto.Undefined}, false},
		{"a microphone by its class", proto.GetSourceInfoReply{MonitorSourceIndex: proto.Undefined, Properties: class("sound")}, false},
		{"of an output", proto.GetSourceInfoReply{MonitorSourceIndex: 0, MonitorSourceName: "out"}, true},
		{"of another output", proto.GetSourceInfoReply{MonitorSourceIndex: 3, MonitorSourceName: "out"}, true},
		{"of an output without a name", proto.GetSourceInfoReply{MonitorSourceIndex: 0}, false},
		{"of no output", proto.GetSourceInfoReply{MonitorSourceIndex: proto.Undefined, MonitorSourceName: "out"}, false},
		{"by its class", proto.GetSourceInfoReply{MonitorSourceIndex: proto.Undefined, Properties: class("monitor")}, true},
	} {
		if got := isMonitor(&tt.s); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestSources(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		f.set(func(b *behavior) {
			b.sources = append(b.sources, fakeSource{name: "out.monitor", description: "Monitor", monitor: true}, fakeSource{name: "other", description: "Other", muted: true}, fakeSource{name: "bare"})
		})
		got, err := Sources(t.Context(), f.config())
		want := []Source{
			{Name: "mic", Description: "A Microphone", Default: true},
			{Name: "out.monitor", Description: "Monitor", Monitor: true},
			{Name: "other", Description: "Other", Muted: true},
			{Name: "bare", Description: "bare"},
		}
		if err != nil || len(got) != len(want) {
			t.Fatal(got, err)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%+v, want %+v", got[i], want[i])
			}
		}
		f.set(func(b *behavior) { b.refuse = true })
		if _, err := Sources(t.Context(), f.config()); !errors.Is(err, ErrServer) {
			t.Error(err)
		}
		f.set(func(b *behavior) { b.refuse, b.delay = false, replyTimeout*2 })
		if _, err := Sources(t.Context(), f.config()); !errors.Is(err, ErrServer) {
			t.Error(err)
		}
		f.set(func(b *behavior) { b.delay = replyTimeout / 2 })
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Sources(ctx, f.config()); err == nil {
			t.Error("context ignored")
		}
	})
}

func TestDecibels(t *testing.T) {
	for _, tt := range []struct {
		volumes proto.ChannelVolumes
		want    float64
	}{
		{nil, 0}, {proto.ChannelVolumes{65536}, 0}, {proto.ChannelVolumes{32768, 65536}, 0},
		{proto.ChannelVolumes{32768}, -18.06}, {proto.ChannelVolumes{0}, math.Inf(-1)},
	} {
		if got := decibels(tt.volumes); got != tt.want && math.Abs(got-tt.want) > .01 {
			t.Errorf("%v: %.2f dB, want %.2f", tt.volumes, got, tt.want)
		}
	}
}

func TestParseServer(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	machine := "" // of this machine, if it has a name of its own
	if id, err := os.ReadFile("/etc/machine-id"); err == nil {
		machine = "{" + strings.TrimSpace(string(id)) + "}"
	}
	for _, tt := range []struct{ in, network, address string }{
		{"/run/pulse/native", "unix", "/run/pulse/native"},
		{"unix:/run/pulse/native", "unix", "/run/pulse/native"},
		{"{0123abc}unix:/run/pulse/native", "", ""}, // of another machine
		{"{" + host + "}unix:/run/pulse/native", "unix", "/run/pulse/native"},
		{"{" + host + "}host", "tcp", "host:4713"},
		{machine + "host", "tcp", "host:4713"},
		{"tcp:host:4000", "tcp", "host:4000"},
		{"tcp:host", "tcp", "host:4713"},
		{"tcp6:[::1]:4000", "tcp6", "[::1]:4000"},
		{"tcp6:[::1]", "tcp6", "[::1]:4713"},
		{"host", "tcp", "host:4713"},
		{"host:4000", "tcp", "host:4000"},
		{"127.0.0.1:4000", "tcp", "127.0.0.1:4000"},
		{"[::1]:4000", "tcp", "[::1]:4000"},
		{"::1", "tcp", "[::1]:4713"},
		{"unix:", "", ""},
		{"tcp:", "", ""},
		{":4713", "", ""},
		{"tcp::4713", "", ""},
		{"tcp4:host", "tcp4", "host:4713"},
		{"x}host", "tcp", "x}host:4713"},
		{"{0123abc}", "", ""},
	} {
		network, address, err := parseServer(tt.in)
		if network != tt.network || address != tt.address || (err == nil) != (tt.network != "") {
			t.Errorf("%q: %q %q %v", tt.in, network, address, err)
		}
	}
	missing := filepath.Join(t.TempDir(), "native")
	for _, server := range []string{"", missing, missing + " " + missing} {
		if _, err := dialServer(t.Context(), server); err == nil {
			t.Errorf("%q: no error", server)
		}
	}
}
