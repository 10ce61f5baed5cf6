package typing

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/internal/app/helper"
	"github.com/arealicehole/vocoder/text"
)

var errNoKeyboard = errors.New("no virtual keyboard")

// A Device is a virtual keyboard: our own, or that of vocoder-inputd.
type Device interface {
	inject.Device
	Sysname() string // the kernel's name; empty if the device belongs to the helper
	Close() error
}

// PhysicalKeys are the keys of the user's keyboards. They are watched from Up to Close.
type PhysicalKeys interface {
	inject.PhysicalKeys
	Close()
}

// Devices are where a Keyboard gets its device from.
type Devices struct {
	Open  func() (Device, PhysicalKeys, error) // called until it succeeds
	Check func() error                         // called before each text; nil if an open device always works
}

// Direct returns the devices of a program that may open them itself.
func Direct() Devices {
	return Devices{Open: func() (Device, PhysicalKeys, error) {
		k, err := inject.OpenKeyboard()
		if err != nil {
			return nil, nil, err
		}
		return k, newPhysicalKeys(k.Sysname()), nil
	}}
}

// Helper returns the devices of vocoder-inputd.
func Helper(c *helper.Client) Devices {
	return Devices{
		Open:  func() (Device, PhysicalKeys, error) { return c, helper.PhysicalKeys{Client: c}, nil },
		Check: c.Check,
	}
}

// Options are what a Keyboard needs besides its devices.
type Options struct {
	Desktop *Desktop
	Log     *slog.Logger
	NoPaste bool        // type only, and leave the clipboard alone
	OnState func(error) // called with why the keyboard cannot type, nil if it can
}

// A Keyboard types texts with one virtual keyboard for the life of the program. It is
// safe for concurrent use, but types one text at a time.
type Keyboard struct {
	Options
	devices Devices

	mu       sync.Mutex
	device   Device // nil until it is open
	physical PhysicalKeys
	typist   *inject.Typist // on that device
	problem  string         // the last error that was logged

	continuation continuation
}

// NewKeyboard returns a keyboard that Open opens.
func NewKeyboard(devices Devices, o Options) *Keyboard {
	return &Keyboard{Options: o, devices: devices}
}

// Open opens the device if it is not open yet. Call it again whenever it may work now.
// It logs each error once.
func (k *Keyboard) Open() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.device != nil && k.devices.Check == nil {
		return nil
	}
	err := k.open()
	switch {
	case err == nil:
		k.problem = ""
	case k.problem != err.Error():
		k.problem = err.Error()
		k.Log.Error("typing unavailable", "err", err)
	}
	k.OnState(err)
	return err
}

// open opens the device and checks it. The caller holds mu.
func (k *Keyboard) open() error {
	if k.device == nil {
		device, physical, err := k.devices.Open()
		if err != nil {
			return err
		}
		k.device, k.physical = device, physical
		k.typist = &inject.Typist{Device: device, Source: source{k.Desktop, device}, PhysicalKeys: physical}
		if !k.NoPaste {
			k.typist.Paster = k.Desktop.clipboard
		}
	}
	if k.devices.Check == nil {
		return nil
	}
	return k.devices.Check()
}

// Ready waits until the device can be used. It must be open.
func (k *Keyboard) Ready(ctx context.Context) error {
	k.mu.Lock()
	d := k.device
	k.mu.Unlock()
	if d == nil {
		return errNoKeyboard
	}
	return d.Ready(ctx)
}

// Sysname returns the kernel's name of the device, or nothing.
func (k *Keyboard) Sysname() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.device == nil {
		return ""
	}
	return k.device.Sysname()
}

// Close removes the device, and releases every key that it holds down.
func (k *Keyboard) Close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.device == nil {
		return
	}
	if err := k.device.Close(); err != nil {
		k.Log.Error("close the keyboard", "err", err)
	}
	k.device, k.typist = nil, nil
}

// Configure sets the rules for how the texts that follow continue each other.
func (k *Keyboard) Configure(rules text.Rules) { k.continuation.configure(rules) }

// Text returns what Type would type of words now.
func (k *Keyboard) Text(words string) string {
	rules := k.Desktop.Style().rules()
	text := k.continuation.join(inject.Clean(words, rules))
	return inject.Clean(text, rules) // a capital may compose with the mark after it
}

// Type implements dictate.Typist.
func (k *Keyboard) Type(ctx context.Context, words string) (how dictate.Outcome, rest string, err error) {
	text := k.Text(words)
	defer func() { k.continuation.typed(text, rest) }()
	if err := k.Open(); err != nil {
		return dictate.Kept, text, err
	}
	k.mu.Lock()
	t := k.typist
	k.mu.Unlock()
	if t == nil {
		return dictate.Kept, text, errNoKeyboard
	}
	style := k.Desktop.Style()
	t.Rules, t.Limit, t.Gate = style.rules(), style.PasteLimit, k.Desktop.gate(ctx, t.Device)
	defer k.physical.Close()
	r, err := t.Type(ctx, text)
	if err == nil && r.Replaced {
		err = dictate.ErrReplaced
	}
	return outcomes[r.Outcome], r.Rest, err
}

var outcomes = [...]dictate.Outcome{inject.Typed: dictate.Typed, inject.Pasted: dictate.Pasted, inject.Clipboard: dictate.Clipboard}
