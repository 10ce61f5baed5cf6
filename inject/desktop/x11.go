package desktop

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/clock"
	"github.com/arealicehole/vocoder/internal/x11"
)

var errOtherLock = errors.New("a lock is on that changes every key")

// xserver is a client of an X server. A program gets the keys of our device with the
// keymap of that device and the state of the core keyboard, which all devices share.
// Source: The X Keyboard Extension: Protocol Specification.
type xserver struct {
	conn      *xgb.Conn
	sock      net.Conn
	plain     *xgb.Conn // gets the events of a client that does not use XKEYBOARD
	plainSock net.Conn  // the socket of plain
	Desktop
	device string // the name of our keyboard

	xkb, xinput byte // major opcodes; xinput is 0 if there is none

	ended atomic.Bool // close was called

	// The goroutine that asks has these.
	last    xkbState // that the server reported last
	heard   bool     // the server reported a key down
	unheard bool     // the server never reports keys

	touched func()
	mu      sync.Mutex
	text    string // of the keymap; empty if the server must be asked
	id      uint16 // the device that text is of
	mapped  int    // how often a keymap has changed
}

// An xkbState is what the server reports of the core keyboard.
type xkbState struct {
	locked uint8 // real modifiers
	group  uint8
}

func dialX11(ctx context.Context, d Desktop, keyboard string, touched func()) (*xserver, error) {
	conn, sock, err := x11.Dial(ctx, d.X11, d.Authority)
	if err != nil {
		return nil, err
	}
	plain, plainSock, err := x11.Dial(ctx, d.X11, d.Authority)
	if err != nil {
		_ = sock.Close() // nothing was asked
		return nil, err
	}
	return &xserver{conn: conn, sock: sock, plain: plain, plainSock: plainSock, Desktop: d, device: keyboard, touched: touched}, nil
}

// run handles MappingNotify, which says that a keymap has changed. The server sends it
// only to a client that does not use XKEYBOARD. The library cannot read XKEYBOARD's own
// events.
func (x *xserver) run(ctx context.Context) error {
	defer context.AfterFunc(ctx, x.close)()
	defer x.close()
	for {
		event, failed := x.plain.WaitForEvent()
		if event == nil && failed == nil {
			return errGone
		}
		if _, ok := event.(xproto.MappingNotifyEvent); ok {
			x.mu.Lock()
			x.text = ""
			x.mapped++
			x.touched()
			x.mu.Unlock()
		}
	}
}

func (x *xserver) closed() bool { return x.ended.Load() }

// close ends both connections and the goroutines of the library.
func (x *xserver) close() {
	x.ended.Store(true)
	_ = x.sock.Close()      // nothing is waiting to be written
	_ = x.plainSock.Close() // nor here
}

func (x *xserver) start(ctx context.Context) error {
	defer x.until(ctx)()
	xkb, err := x.opcode("XKEYBOARD")
	if err != nil {
		return err
	}
	if xkb == 0 {
		return errors.New("the X server has no XKEYBOARD")
	}
	x.xkb = xkb
	if _, err := x.request(xkb, 0, []byte{1, 0, 0, 0}); err != nil { // UseExtension 1.0
		return fmt.Errorf("use XKEYBOARD: %w", err)
	}
	if x.xinput, err = x.opcode("XInputExtension"); err != nil {
		return err
	}
	if x.xinput != 0 {
		if _, err := x.request(x.xinput, 47, []byte{2, 0, 0, 0}); err != nil { // XIQueryVersion 2.0
			x.xinput = 0
		}
	}
	x.last, err = x.state()
	return err
}

// until closes the connection if ctx is done, because the library waits for replies
// without one. The caller calls the result once the replies are there.
func (x *xserver) until(ctx context.Context) func() bool {
	return context.AfterFunc(ctx, x.close)
}

func (x *xserver) opcode(extension string) (byte, error) {
	reply, err := xproto.QueryExtension(x.conn, uint16(len(extension)), extension).Reply()
	if err != nil || reply == nil {
		return 0, errors.Join(errGone, err)
	}
	if !reply.Present {
		return 0, nil
	}
	return reply.MajorOpcode, nil
}

// request sends a request of an extension and returns its reply. The length of
// args is a multiple of 4.
func (x *xserver) request(major, minor byte, args []byte) ([]byte, error) {
	b := append([]byte{major, minor}, binary.LittleEndian.AppendUint16(nil, uint16(1+len(args)/4))...)
	cookie := x.conn.NewCookie(true, true)
	x.conn.NewRequest(append(b, args...), cookie)
	reply, err := cookie.Reply()
	if err == nil && len(reply) < 32 {
		err = errGone
	}
	return reply, err
}

// coreKeyboard is XkbUseCoreKbd.
const coreKeyboard = 0x0100

// state asks for the state of the core keyboard: XkbGetState.
func (x *xserver) state() (xkbState, error) {
	reply, err := x.request(x.xkb, 4, binary.LittleEndian.AppendUint32(nil, coreKeyboard))
	if err != nil {
		return xkbState{}, fmt.Errorf("ask for the state of the keyboard: %w", err)
	}
	return xkbState{locked: reply[11], group: reply[12]}, nil
}

// roundTrip asks for the state, and reports a change of it.
func (x *xserver) roundTrip(ctx context.Context) error {
	defer x.until(ctx)()
	s, err := x.state()
	if err != nil {
		return errors.Join(ctx.Err(), err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if s != x.last {
		x.last = s
		x.touched()
	}
	return nil
}

const (
	// firstKeyLimit is how long the first key may take to reach the server. It took a
	// second on a busy emulated processor.
	firstKeyLimit   = 5 * time.Second
	pressedInterval = time.Millisecond
	firstKeycode    = 8 // KEY_* 0, of the driver that all servers on Linux use
)

// pressed asks until the server has the key down, or up. An answer alone proves nothing,
// because the server reads its devices in another thread.
func (x *xserver) pressed(ctx context.Context, c key.Code, down bool) error {
	keycode := int(c) + firstKeycode
	if x.unheard || keycode > 255 {
		return nil
	}
	seen, err := x.sees(ctx, keycode, down)
	if err == nil && down {
		x.heard, x.unheard = seen, !seen
	}
	return err
}

// sees reports whether a key comes to be down, or up. If another key came to be down
// before, it waits for as long as the server is stopped.
func (x *xserver) sees(ctx context.Context, keycode int, down bool) (bool, error) {
	defer x.until(ctx)()
	for began := time.Now(); x.heard || time.Since(began) < firstKeyLimit; {
		keys, err := xproto.QueryKeymap(x.conn).Reply()
		if err != nil || keys == nil {
			return false, errors.Join(ctx.Err(), errGone, err)
		}
		if (keys.Keys[keycode/8]>>(keycode%8)&1 == 1) == down {
			return true, nil
		}
		if err := clock.Sleep(ctx, pressedInterval); err != nil {
			return false, err
		}
	}
	return false, nil
}

func (x *xserver) keymap(ctx context.Context) (text, from string, err error) {
	defer x.until(ctx)()
	id := x.keyboardID()
	from = "xkbcomp of " + x.X11
	if id != coreKeyboard {
		from += ", device " + strconv.Itoa(int(id))
	}
	if x.last, err = x.state(); err != nil {
		return "", "", err
	}
	text, before := x.known(id)
	if text != "" {
		return text, from, nil
	}
	if text, err = x.xkbcomp(ctx, id); err != nil {
		return "", "", err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.mapped == before {
		x.text, x.id = text, id
	}
	return text, from, nil
}

// known returns the keymap of a device, or "" if the server was not asked since it
// changed, and how often a keymap has changed.
func (x *xserver) known(id uint16) (text string, mapped int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if id == x.id {
		text = x.text
	}
	return text, x.mapped
}

// xkbcomp returns the keymap of a device as xkbcomp(1) prints it, which is part of every
// X server's package. The server itself has the keymap only in binary form.
func (x *xserver) xkbcomp(ctx context.Context, id uint16) (string, error) {
	args := []string{"-w0", "-xkb", x.X11, "-"}
	if id != coreKeyboard {
		args = append([]string{"-i", strconv.Itoa(int(id))}, args...)
	}
	cmd := exec.CommandContext(ctx, "xkbcomp", args...)
	if x.Authority != "" {
		cmd.Env = []string{"XAUTHORITY=" + x.Authority}
	}
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("run xkbcomp: %w", err)
	}
	return string(out), nil
}

func (x *xserver) group(context.Context, *keymap.Map) (int, string, error) {
	return int(x.last.group), "the X server", nil
}

func (x *xserver) locks(_ context.Context, m *keymap.Map) (keymap.Locks, string, error) {
	l, ok := m.Locked(x.last.locked)
	if !ok {
		return l, "", errOtherLock
	}
	return l, "the X server", nil
}

// keyboardID returns the number of our keyboard, or coreKeyboard if the server does not
// list it. Source: XIQueryDevice of the X Input Device Extension 2.
func (x *xserver) keyboardID() uint16 {
	if x.xinput == 0 || x.device == "" {
		return coreKeyboard
	}
	reply, err := x.request(x.xinput, 48, []byte{0, 0, 0, 0}) // XIAllDevices
	if err != nil {
		return coreKeyboard
	}
	if id, ok := findDevice(reply, x.device); ok {
		return id
	}
	return coreKeyboard
}

// findDevice returns the number of a slave keyboard with a name in a reply to
// XIQueryDevice.
func findDevice(reply []byte, name string) (uint16, bool) {
	const slaveKeyboard, header = 4, 12
	if len(reply) < 32 {
		return 0, false
	}
	count, b := binary.LittleEndian.Uint16(reply[8:]), reply[32:]
	for ; count > 0 && len(b) >= header; count-- {
		id, use := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])
		classes, length := int(binary.LittleEndian.Uint16(b[6:])), int(binary.LittleEndian.Uint16(b[8:]))
		b = b[header:]
		if len(b) < length {
			return 0, false
		}
		if use == slaveKeyboard && string(b[:length]) == name {
			return id, true
		}
		b = b[min(len(b), (length+3)&^3):]
		for ; classes > 0; classes-- {
			if len(b) < 4 {
				return 0, false
			}
			size := 4 * int(binary.LittleEndian.Uint16(b[2:]))
			if size == 0 || size > len(b) {
				return 0, false
			}
			b = b[size:]
		}
	}
	return 0, false
}

// app asks for the active window and its class. Source: Extended Window Manager
// Hints, and section 4.1.2.5 of the Inter-Client Communication Conventions.
func (x *xserver) app(ctx context.Context) (name, from string, err error) {
	defer x.until(ctx)()
	const ask = "ask the X server for its window: %w"
	const active = "_NET_ACTIVE_WINDOW"
	atom, err := xproto.InternAtom(x.conn, true, uint16(len(active)), active).Reply()
	if err != nil || atom == nil {
		return "", "", fmt.Errorf(ask, errors.Join(errGone, err))
	}
	root := xproto.Setup(x.conn).DefaultScreen(x.conn).Root
	value, err := x.property(root, atom.Atom, xproto.AtomWindow)
	if err != nil || len(value) < 4 {
		return "", "", errUntold // the window manager is an old one
	}
	window := xproto.Window(binary.LittleEndian.Uint32(value))
	if window == 0 {
		return "", "the X server", nil
	}
	if value, err = x.property(window, xproto.AtomWmClass, xproto.AtomString); err != nil {
		return "", "", fmt.Errorf(ask, err)
	}
	return classOf(value), "the X server", nil
}

func (x *xserver) property(w xproto.Window, property, kind xproto.Atom) ([]byte, error) {
	reply, err := xproto.GetProperty(x.conn, false, w, property, kind, 0, 256).Reply()
	if err != nil || reply == nil {
		return nil, errors.Join(errGone, err)
	}
	return reply.Value, nil
}

// classOf returns the second of the two texts of WM_CLASS, each of which ends
// with a zero.
func classOf(value []byte) string {
	_, class, _ := bytes.Cut(value, []byte{0})
	return string(bytes.TrimRight(class, "\x00"))
}
