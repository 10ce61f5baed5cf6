//go:build xkbcommon

package oracle

/*
#cgo pkg-config: xkbcommon
#include <stdlib.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>
#include <xkbcommon/xkbcommon-compose.h>

// Held modifiers that make a program take a key for a command, and Lock.
enum { FOREIGN = 0x02 | 0x04 | 0x08 | 0x40 };

static struct xkb_keymap *compile(struct xkb_context *ctx, const char *layout, const char *variant, const char *options) {
	struct xkb_rule_names names = { .rules = "evdev", .model = "pc105", .layout = layout, .variant = variant, .options = options };
	return xkb_keymap_new_from_names(ctx, &names, 0);
}

static struct xkb_state *keyboard(struct xkb_keymap *map, int group, int caps, int num) {
	struct xkb_state *s = xkb_state_new(map);
	xkb_mod_mask_t locked = 0;
	if (caps) locked |= 1u << xkb_keymap_mod_get_index(map, "Lock");
	if (num) locked |= 1u << xkb_keymap_mod_get_index(map, "Mod2");
	xkb_state_update_mask(s, 0, 0, locked, 0, 0, group);
	return s;
}

static unsigned depressed(struct xkb_state *s) {
	return xkb_state_serialize_mods(s, XKB_STATE_MODS_DEPRESSED) & 0xff;
}

struct held { unsigned key, mods; };

// modifiers finds keys that hold modifiers and change nothing else, at most
// two for the same ones.
static int modifiers(struct xkb_keymap *map, int group, int caps, int num, const unsigned char *usable, struct held *found, int max) {
	int n = 0;
	for (unsigned key = 9; key < 256; key++) {
		if (!usable[key]) continue;
		struct xkb_state *s = keyboard(map, group, caps, num);
		unsigned was_group = xkb_state_serialize_layout(s, XKB_STATE_LAYOUT_EFFECTIVE);
		unsigned was_locked = xkb_state_serialize_mods(s, XKB_STATE_MODS_LOCKED);
		xkb_state_update_key(s, key, XKB_KEY_DOWN);
		unsigned mods = depressed(s);
		int same = 0;
		for (int i = 0; i < n; i++) same += found[i].mods == mods;
		if (mods && !(mods & FOREIGN) && same < 2 && n < max &&
		    was_group == xkb_state_serialize_layout(s, XKB_STATE_LAYOUT_EFFECTIVE) &&
		    was_locked == xkb_state_serialize_mods(s, XKB_STATE_MODS_LOCKED))
			found[n++] = (struct held){ key, mods };
		xkb_state_unref(s);
	}
	return n;
}

static void note(struct xkb_state *s, const unsigned char *usable, unsigned char *seen, unsigned a, unsigned b, unsigned c) {
	for (unsigned key = 9; key < 256; key++) {
		if (!usable[key] || key == a || key == b || key == c) continue;
		unsigned r = xkb_state_key_get_utf32(s, key);
		if (r >= 0x20 && r != 0x7f && r < 0x110000) seen[r >> 3] |= 1 << (r & 7);
	}
}

// reach notes every character that a usable key gives while up to three usable
// modifier keys are held, pressed in any order.
static void reach(struct xkb_keymap *map, int group, int caps, int num, const unsigned char *usable, unsigned char *seen) {
	struct held keys[64];
	int n = modifiers(map, group, caps, num, usable, keys, 64);
	for (int a = -1; a < n; a++) for (int b = -1; b < n; b++) for (int c = -1; c < n; c++) {
		if ((a < 0 && b >= 0) || (b < 0 && c >= 0)) continue;
		if ((b >= 0 && b == a) || (c >= 0 && (c == a || c == b))) continue;
		struct xkb_state *s = keyboard(map, group, caps, num);
		unsigned held[] = { a < 0 ? 0 : keys[a].key, b < 0 ? 0 : keys[b].key, c < 0 ? 0 : keys[c].key };
		for (int i = 0; i < 3; i++)
			if (held[i]) xkb_state_update_key(s, held[i], XKB_KEY_DOWN);
		if (!(depressed(s) & FOREIGN)) note(s, usable, seen, held[0], held[1], held[2]);
		xkb_state_unref(s);
	}
}

static void text(struct xkb_state *s, struct xkb_compose_state *c, unsigned key, char *out, size_t size) {
	out[0] = 0;
	if (!c) {
		xkb_state_key_get_utf8(s, key, out, size);
		return;
	}
	xkb_compose_state_feed(c, xkb_state_key_get_one_sym(s, key));
	switch (xkb_compose_state_get_status(c)) {
	case XKB_COMPOSE_COMPOSING: break;
	case XKB_COMPOSE_COMPOSED: xkb_compose_state_get_utf8(c, out, size); xkb_compose_state_reset(c); break;
	case XKB_COMPOSE_CANCELLED: strcpy(out, "cancelled"); xkb_compose_state_reset(c); break;
	case XKB_COMPOSE_NOTHING: xkb_state_key_get_utf8(s, key, out, size); break;
	}
}

// stroke presses and releases a key while others are held. It returns 0 if
// the keyboard is then as it was and no foreign modifier was held.
static int stroke(struct xkb_state *s, struct xkb_compose_state *c, const unsigned short *held, int n, unsigned code, char *out, size_t size) {
	unsigned mods = xkb_state_serialize_mods(s, XKB_STATE_MODS_EFFECTIVE);
	unsigned group = xkb_state_serialize_layout(s, XKB_STATE_LAYOUT_EFFECTIVE);
	for (int i = 0; i < n; i++) xkb_state_update_key(s, held[i] + 8, XKB_KEY_DOWN);
	int bad = (depressed(s) & FOREIGN) != 0;
	text(s, c, code + 8, out, size);
	xkb_state_update_key(s, code + 8, XKB_KEY_DOWN);
	xkb_state_update_key(s, code + 8, XKB_KEY_UP);
	for (int i = n - 1; i >= 0; i--) xkb_state_update_key(s, held[i] + 8, XKB_KEY_UP);
	return bad || mods != xkb_state_serialize_mods(s, XKB_STATE_MODS_EFFECTIVE) ||
		group != xkb_state_serialize_layout(s, XKB_STATE_LAYOUT_EFFECTIVE);
}
*/
import "C"

import (
	"errors"
	"unsafe"
)

// A Library is an instance of libxkbcommon. It and what comes of it are for
// one goroutine. Its memory is released when the process ends.
type Library struct{ c *C.struct_xkb_context }

// New returns a Library that is silent about faults of layouts.
func New() *Library {
	l := &Library{C.xkb_context_new(0)}
	C.xkb_context_set_log_level(l.c, C.XKB_LOG_LEVEL_CRITICAL)
	return l
}

// A Keymap is one that the library compiled. Free releases it.
type Keymap struct{ c *C.struct_xkb_keymap }

// Compile builds the keymap of layouts, variants and options, each separated
// by commas.
func (l *Library) Compile(layout, variant, options string) (*Keymap, error) {
	a, b, c := C.CString(layout), C.CString(variant), C.CString(options)
	defer C.free(unsafe.Pointer(a))
	defer C.free(unsafe.Pointer(b))
	defer C.free(unsafe.Pointer(c))
	return wrapped(C.compile(l.c, a, b, c))
}

// Read builds the keymap that a text describes.
func (l *Library) Read(text string) (*Keymap, error) {
	c := C.CString(text)
	defer C.free(unsafe.Pointer(c))
	return wrapped(C.xkb_keymap_new_from_string(l.c, c, C.XKB_KEYMAP_FORMAT_TEXT_V1, 0))
}

func wrapped(c *C.struct_xkb_keymap) (*Keymap, error) {
	if c == nil {
		return nil, errors.New("libxkbcommon cannot compile it")
	}
	return &Keymap{c}, nil
}

// Free releases k. Its keyboards stay good.
func (k *Keymap) Free() { C.xkb_keymap_unref(k.c) }

// Text returns the keymap as compositors send it.
func (k *Keymap) Text() string {
	c := C.xkb_keymap_get_as_string(k.c, C.XKB_KEYMAP_FORMAT_TEXT_V1)
	defer C.free(unsafe.Pointer(c))
	return C.GoString(c)
}

// Reach returns every character that some usable key, by its evdev code, gives in a
// group while at most three modifier keys are held, Ctrl, Alt, Super and locks not among
// them.
func (k *Keymap) Reach(group int, caps, num bool, usable func(code uint16) bool) map[rune]bool {
	seen, keys := make([]byte, 0x110000/8), make([]byte, 256)
	for i := 8; i < len(keys); i++ {
		if usable(uint16(i - 8)) {
			keys[i] = 1
		}
	}
	C.reach(k.c, C.int(group), number(caps), number(num), (*C.uchar)(unsafe.Pointer(&keys[0])), (*C.uchar)(unsafe.Pointer(&seen[0])))
	runes := map[rune]bool{}
	for i, bits := range seen {
		for bit := 0; bits != 0 && bit < 8; bit++ {
			if bits&(1<<bit) != 0 {
				runes[rune(i*8+bit)] = true
			}
		}
	}
	return runes
}

func number(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

// A Compose is a table of compose sequences.
type Compose struct{ c *C.struct_xkb_compose_table }

// Compose reads a file of Compose(5).
func (l *Library) Compose(text string) (*Compose, error) {
	b, locale := C.CString(text), C.CString("C.UTF-8")
	defer C.free(unsafe.Pointer(b))
	defer C.free(unsafe.Pointer(locale))
	c := C.xkb_compose_table_new_from_buffer(l.c, b, C.size_t(len(text)), locale, C.XKB_COMPOSE_FORMAT_TEXT_V1, 0)
	if c == nil {
		return nil, errors.New("libxkbcommon cannot read the compose file")
	}
	return &Compose{c}, nil
}

// A Keyboard is typed on. Free releases it.
type Keyboard struct {
	state   *C.struct_xkb_state
	compose *C.struct_xkb_compose_state
}

// Keyboard returns a keyboard at rest, in a group and with locks. Without a
// Compose dead keys give nothing.
func (k *Keymap) Keyboard(group int, caps, num bool, c *Compose) *Keyboard {
	b := &Keyboard{state: C.keyboard(k.c, C.int(group), number(caps), number(num))}
	if c != nil {
		b.compose = C.xkb_compose_state_new(c.c, 0)
	}
	return b
}

// Free releases b.
func (b *Keyboard) Free() {
	C.xkb_state_unref(b.state)
	C.xkb_compose_state_unref(b.compose)
}

// Stroke presses a key while others are held, all by evdev codes, and returns
// the text that a program gets. It is clean if no foreign modifier was held
// and the keyboard is at rest again.
func (b *Keyboard) Stroke(held []uint16, code uint16) (text string, clean bool) {
	var out [64]C.char
	var first *C.ushort
	if len(held) > 0 {
		first = (*C.ushort)(unsafe.Pointer(&held[0]))
	}
	dirty := C.stroke(b.state, b.compose, first, C.int(len(held)), C.uint(code), &out[0], 64)
	return C.GoString(&out[0]), dirty == 0
}

// Symbol returns the keysym with a name, 0 if there is none, and the
// character that it stands for, 0 if none.
func Symbol(name string) (symbol uint32, char rune) {
	c := C.CString(name)
	defer C.free(unsafe.Pointer(c))
	s := C.xkb_keysym_from_name(c, 0)
	return uint32(s), rune(C.xkb_keysym_to_utf32(s))
}
