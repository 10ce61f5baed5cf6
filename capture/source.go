package capture

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jfreymuth/pulse/proto"
)

// A Source is a microphone or other input of the server.
type Source struct {
	Name        string  // the server's name for it, unique
	Description string  // for people
	Default     bool    // the server's default
	Monitor     bool    // it records what an output plays; it is not a microphone
	Bluetooth   bool    // it is the microphone of a Bluetooth headset, or made of one
	Muted       bool    // it delivers silence
	Volume      float64 // in dB; 0 is unchanged, -Inf is silence
	Suspended   bool    // no client uses it; it takes longer to open
}

// Sources lists the sources of the server. Its errors wrap ErrServer.
func Sources(ctx context.Context, c Config) ([]Source, error) {
	var all []Source
	err := c.withConnection(ctx, func(conn *connection) (err error) {
		all, err = conn.sources()
		return err
	})
	return all, err
}

// stateSuspended is the state of a suspended source. Source: PulseAudio, pulse/def.h,
// PA_SOURCE_SUSPENDED.
const stateSuspended = 2

func (conn *connection) sources() ([]Source, error) {
	var server proto.GetServerInfoReply
	if err := conn.ask("ask for the default", &proto.GetServerInfo{}, &server); err != nil {
		return nil, err
	}
	var list proto.GetSourceInfoListReply
	if err := conn.ask("list sources", &proto.GetSourceInfoList{}, &list); err != nil {
		return nil, err
	}
	all := make([]Source, 0, len(list))
	for _, s := range list {
		all = append(all, Source{
			Name:        s.SourceName,
			Description: cmp.Or(s.Device, s.SourceName), // a description may be empty
			Default:     s.SourceName == server.DefaultSourceName,
			Monitor:     isMonitor(s),
			Bluetooth:   isBluetooth(s),
			Muted:       s.Mute,
			Volume:      decibels(s.ChannelVolumes),
			Suspended:   s.State == stateSuspended,
		})
	}
	return all, nil
}

func isMonitor(s *proto.GetSourceInfoReply) bool {
	return s.MonitorSourceIndex != proto.Undefined && s.MonitorSourceName != "" ||
		s.Properties["device.class"].String() == "monitor"
}

// isBluetooth reports whether a source opens a Bluetooth headset. PulseAudio sets the bus,
// and PipeWire the API. A filter, such as echo cancellation, names its source.
func isBluetooth(s *proto.GetSourceInfoReply) bool {
	for _, name := range []string{s.SourceName, s.Properties["device.master_device"].String()} {
		if strings.HasPrefix(name, "bluez_") {
			return true
		}
	}
	return s.Properties["device.bus"].String() == "bluetooth" || strings.HasPrefix(s.Properties["device.api"].String(), "bluez")
}

// decibels returns the loudest channel's volume in dB. A Pulse volume is the cube root
// of the amplitude. Source: PulseAudio, pulse/volume.c, pa_sw_volume_to_linear.
func decibels(v proto.ChannelVolumes) float64 {
	if len(v) == 0 {
		return 0
	}
	return 60 * math.Log10(float64(slices.Max(v))/float64(proto.VolumeNorm))
}

// Choose returns the source that matches want, a value of Config.Source. If want is
// empty, it returns the server's default. Otherwise it returns the source with that name
// or description, or else the only microphone that has the text in either. A monitor
// needs its full name or description. Errors wrap ErrSource.
func Choose(all []Source, want string) (Source, error) {
	if want == "" {
		return chooseDefault(all)
	}
	for _, s := range all {
		if s.Name == want || s.Description == want {
			return s, nil
		}
	}
	var fit []Source
	for _, s := range all {
		text := strings.ToLower(s.Name + "\n" + s.Description)
		if !s.Monitor && strings.Contains(text, strings.ToLower(want)) {
			fit = append(fit, s)
		}
	}
	switch len(fit) {
	case 1:
		return fit[0], nil
	case 0:
		return Source{}, fmt.Errorf("%w: nothing fits %q; there is %s", ErrSource, want, names(all))
	}
	return Source{}, fmt.Errorf("%w: %q fits %s", ErrSource, want, names(fit))
}

func chooseDefault(all []Source) (Source, error) {
	for _, s := range all {
		if s.Default && s.Monitor {
			return Source{}, fmt.Errorf("%w: the default, %q, is what an output plays; name it to record it", ErrSource, s.Name)
		}
		if s.Default {
			return s, nil
		}
	}
	if len(all) == 0 {
		return Source{}, ErrSource
	}
	return Source{}, fmt.Errorf("%w: the server has no default; there is %s", ErrSource, names(all))
}

func names(all []Source) string {
	if len(all) == 0 {
		return "none"
	}
	var texts []string
	for _, s := range all {
		texts = append(texts, fmt.Sprintf("%q (%s)", s.Name, s.Description))
	}
	return strings.Join(texts, ", ")
}

// errDefaultChanged means that Config.Source now matches a source other than that of the
// stream.
var errDefaultChanged = errors.New("another microphone became the default")
