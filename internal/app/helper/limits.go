package helper

import (
	"errors"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/helperproto"
)

// Errors of keys that vocoder-inputd does not listen for.
var (
	errLongChord = errors.New("vocoder-inputd listens for at most 4 keys together, on a device whose name has at most 255 bytes; devices: direct does without it")
	errManyKeys  = errors.New("vocoder-inputd listens for at most 8 keys, the cancel key among them; devices: direct does without it")
)

// CheckKeys returns an error if vocoder-inputd cannot listen for the bound keys of settings.
// It is a *config.Error.
func CheckKeys(cfg settings.Loaded) error {
	all := wanted(settings.Bindings(cfg.Config))
	for i := range all {
		err := errManyKeys
		switch {
		case !helperproto.Fits(all[i : i+1]):
			err = errLongChord
		case helperproto.Fits(all[:i+1]):
			continue
		}
		if i == len(cfg.Bindings) {
			return cfg.Fault("cancel_key", err.Error())
		}
		return cfg.FaultAt("key", i, err.Error())
	}
	return nil
}

// wanted returns bindings as the protocol has them.
func wanted(bindings []evdev.Binding) (all []helperproto.Binding) {
	for _, b := range bindings {
		all = append(all, helperproto.Binding{Keys: b.Keys, Device: b.Device, Grab: b.Grab})
	}
	return all
}
