//go:build e2e

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/e2e/shipped"
)

// These tests are for the desktops that VOCODER_MACHINE_SESSION names, gnome or
// kde. docs/desktops.md says what works there.

// A desktop has the commands with which alice uses a desktop.
type desktop struct {
	layouts func(...xkb) string // sets these layouts
	next    string              // switches to the second layout; empty: by a key
	copied  string              // puts standard input in the clipboard
	asked   string              // prints the clipboard
	field   string              // shows a text field, and prints it after Return
}

// An xkb is a layout and a variant, which may be empty.
type xkb struct{ layout, variant string }

var desktops = map[string]desktop{
	"gnome": {
		layouts: func(all ...xkb) string {
			var sources []string
			for _, l := range all {
				sources = append(sources, fmt.Sprintf("('xkb','%s')", strings.TrimSuffix(l.layout+"+"+l.variant, "+")))
			}
			return fmt.Sprintf(`gsettings set org.gnome.desktop.input-sources sources "[%s]"`, strings.Join(sources, ","))
		},
		copied: "xclip -selection clipboard -i",
		asked:  "xclip -selection clipboard -o",
		field:  "zenity --entry --text=field",
	},
	"kde": {
		layouts: func(all ...xkb) string {
			var layouts, variants []string
			for _, l := range all {
				layouts, variants = append(layouts, l.layout), append(variants, l.variant)
			}
			return fmt.Sprintf(`printf '[Layout]\nLayoutList=%s\nVariantList=%s\nUse=true\n' > ~/.config/kxkbrc && `+
				"gdbus emit --session --object-path /Layouts --signal org.kde.keyboard.reloadConfig",
				strings.Join(layouts, ","), strings.Join(variants, ","))
		},
		next:   "gdbus call --session --dest org.kde.keyboard --object-path /Layouts --method org.kde.KeyboardLayouts.setLayout 1",
		copied: "wl-copy -n",
		asked:  "wl-paste -n",
		field:  "kdialog --inputbox field",
	},
}

// onDesktop skips a test that is not for the session, and otherwise installs the shipped
// programs.
func onDesktop(t *testing.T) desktop {
	t.Helper()
	d, there := desktops[session()]
	if !there {
		t.Skip("VOCODER_MACHINE_SESSION is neither gnome nor kde")
	}
	ok(t, shipped.Install(within(t, time.Minute), m))
	return d
}

// as sets the layouts of the keyboards. The desktop applies them later and does not
// report when; a command that types waits for that.
func (d desktop) as(t *testing.T, all ...xkb) {
	t.Helper()
	_, err := m.As(context.Background(), "alice", d.layouts(all...))
	ok(t, err)
}

// taken is how long a desktop may need for a change, on an emulated processor.
const taken = 4 * time.Second

// typeIt is the command that types its standard input.
var typeIt = "vocoder type --typing-space none --after " + taken.String()

// onTerminal types a text into the terminal and returns how.
func onTerminal(t *testing.T, text string, flags ...string) (how string) {
	t.Helper()
	ctx := within(t, 3*time.Minute)
	ok(t, m.ClearTyped(ctx))
	writer := follow(ctx, t, "alice", "printf %s "+quoted(text)+" | "+typeIt+" "+strings.Join(flags, " "))
	how = writer.until(t, func(string) bool { return true })
	sameText(t, awaitTyped(t, text), text)
	return how
}

// inEffect returns the output of `vocoder layout`.
func inEffect(t *testing.T) string {
	t.Helper()
	said := text(m.As(context.Background(), "alice", "vocoder layout --json"))(t)
	var layout struct {
		Desktop string
		Groups  []string
		Group   *int
		IME     string
		From    map[string]string
	}
	ok(t, json.Unmarshal([]byte(said), &layout))
	group := "not known"
	if layout.Group != nil {
		group = layout.Groups[*layout.Group-1]
	}
	return fmt.Sprintf("%s: %q, group %s (%s), input method %q (%s)", layout.Desktop, layout.Groups, group, layout.From["group"], layout.IME, layout.From["ime"])
}

// The ten layouts of the desktop tests.
var tenLayouts = map[xkb]bool{
	{"us", ""}: true, {"gb", ""}: true, {"de", ""}: true, {"fr", ""}: true, {"es", ""}: true, {"ru", ""}: true,
	{"gr", ""}: true, {"tr", ""}: true, {"us", "dvorak"}: true, {"de", "neo"}: true,
}

// The layouts on which some letters need a dead key. If dead keys are not safe, such a text
// is pasted.
var hasDeadKeys = map[xkb]bool{{"de", ""}: true, {"fr", ""}: true, {"es", ""}: true, {"gr", ""}: true}

// TestDesktopLayouts checks that typed text arrives in the terminal byte for byte.
// VOCODER_SWEEP=1 types 1,000 characters on each layout.
func TestDesktopLayouts(t *testing.T) {
	d := onDesktop(t)
	n := 120
	if os.Getenv("VOCODER_SWEEP") != "" {
		n = 1000
	}
	t.Cleanup(func() { d.as(t, xkb{"us", ""}) })
	for _, l := range layouts {
		if !tenLayouts[xkb{l.layout, l.variant}] {
			continue
		}
		t.Run(strings.TrimSuffix(l.layout+"-"+l.variant, "-"), func(t *testing.T) {
			d.as(t, xkb{l.layout, l.variant})
			began := time.Now()
			how := onTerminal(t, prose(l.letters, n), "--typing-paste-limit 0")
			if how != "typed" && !hasDeadKeys[xkb{l.layout, l.variant}] {
				t.Errorf("it was %s", how)
			}
			t.Logf("%d characters %s in %v; %s", n, how, (time.Since(began) - taken).Round(time.Second), inEffect(t))
		})
	}
}

// TestDesktopTwoLayouts checks that nothing is typed wrong with two layouts, of which
// the second is active. The daemon pastes if it cannot know the layout.
func TestDesktopTwoLayouts(t *testing.T) {
	d := onDesktop(t)
	ctx := within(t, 5*time.Minute)
	const want = "Zyklus, y-Achse: [ja]; 'nein'"
	d.as(t, xkb{"de", ""}, xkb{"us", ""})
	t.Cleanup(func() { d.as(t, xkb{"us", ""}) })
	t.Logf("the first: %s; %s", onTerminal(t, want), inEffect(t))
	for range 2 { // without input methods GNOME reports no switch; with them it reports the second one
		if d.next != "" {
			_, err := m.As(ctx, "alice", d.next)
			ok(t, err)
		} else {
			for _, key := range []string{"meta_l", "spc"} {
				ok(t, m.KeyDown(ctx, key))
			}
			for _, key := range []string{"spc", "meta_l"} {
				ok(t, m.KeyUp(ctx, key))
			}
		}
		t.Logf("after a switch: %s; %s", onTerminal(t, want), inEffect(t))
	}
}

// holds puts a text in the clipboard. A program that has pasted waits for that.
func (d desktop) holds(t *testing.T, what string) {
	t.Helper()
	_, err := m.Feed(within(t, time.Minute), "alice", d.copied+" >/dev/null 2>&1", strings.NewReader(what))
	ok(t, err)
}

// TestDesktopPaste checks that text which the layout cannot type arrives complete in the
// terminal, and that the clipboard then has its old content.
func TestDesktopPaste(t *testing.T) {
	d := onDesktop(t)
	for _, want := range foreign {
		d.holds(t, "what was there")
		if how := onTerminal(t, want); how != "pasted" {
			t.Errorf("it was %s", how)
		}
		if got := text(m.As(within(t, time.Minute), "alice", d.asked))(t); got != "what was there" {
			t.Errorf("the clipboard holds %q afterwards", got)
		}
		d.holds(t, "something else")
	}
}

// TestDesktopField checks that a text field of the desktop's toolkit gets typed text, on
// ten layouts, and pasted text.
func TestDesktopField(t *testing.T) {
	d := onDesktop(t)
	t.Cleanup(func() { d.as(t, xkb{"us", ""}) })
	for _, l := range layouts {
		if !tenLayouts[xkb{l.layout, l.variant}] {
			continue
		}
		t.Run(strings.TrimSuffix(l.layout+"-"+l.variant, "-"), func(t *testing.T) {
			d.as(t, xkb{l.layout, l.variant})
			how := d.onField(t, prose(l.letters, 60), "--typing-paste-limit 0")
			if how != "typed" && !hasDeadKeys[xkb{l.layout, l.variant}] {
				t.Errorf("it was %s", how)
			}
			t.Log(how)
		})
	}
	d.as(t, xkb{"de", ""})
	for i, want := range foreign {
		t.Run(fmt.Sprint("foreign ", i+1), func(t *testing.T) {
			if how := d.onField(t, want); how != "pasted" {
				t.Errorf("it was %s", how)
			}
		})
	}
}

// onField types a text into a text field and returns how. A Wayland program prints when
// it has the keyboard.
func (d desktop) onField(t *testing.T, want string, flags ...string) (how string) {
	t.Helper()
	ctx := within(t, 2*time.Minute)
	field := follow(ctx, t, "alice", "{ WAYLAND_DEBUG=1 "+d.field+` 2>&1 >&3 | sed -un 's/.*wl_keyboard[@#][0-9]*\.enter.*/focused/p'; } 3>&1`)
	field.until(t, contains("focused"))
	writer := follow(ctx, t, "alice", "printf %s "+quoted(want)+" | "+typeIt+" "+strings.Join(flags, " "))
	how = writer.until(t, func(string) bool { return true })
	ok(t, m.KeyDown(ctx, "ret"))
	ok(t, m.KeyUp(ctx, "ret"))
	sameText(t, field.until(t, func(line string) bool { return line != "focused" }), want)
	d.holds(t, "something else") // a program that has pasted waits for that
	return how
}
