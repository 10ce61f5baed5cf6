//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// These tests are of the applications that VOCODER_MACHINE_SESSION=applications has, under
// sway: make sweep-applications. They write the table of docs/applications.md.

// TestApplications dictates texts into real applications, through the daemon and
// vocoder-inputd, and reads them back. What became of each is kept in out/applications, and
// not dictated again. When the time of the test is nearly over it ends, and the next run
// continues.
// With VOCODER_PAGES=write the test writes the rows of the applications into the page.
func TestApplications(t *testing.T) {
	if os.Getenv("VOCODER_MACHINE_SESSION") != withApplications {
		t.Skip("VOCODER_MACHINE_SESSION is not " + withApplications)
	}
	h := newHelper(t, newMockSession(t))
	_, err := m.As(within(t, time.Minute), "alice", applicationHome)
	ok(t, err)
	for _, a := range applications {
		t.Run(a.name, func(t *testing.T) { a.test(t, h) })
	}
}

// applicationSettings have the texts from a file, so that a long text needs no long speech.
const applicationSettings = `key: KEY_F14
text: {command: [cat, /home/alice/dictated]}
typing:
  space: none
`

// A variant is an application with settings.
type variant struct{ name, settings string }

// variants are the application as it is, and one that pastes always if it changes what is
// typed.
func (a *application) variants() []variant {
	all := []variant{{a.name, applicationSettings}}
	if a.changes != "" {
		all = append(all, variant{a.name + pastedAlways, applicationSettings + "  applications: [{app: " + a.app + ", paste: always}]\n"})
	}
	return all
}

const pastedAlways = ", `paste: always`"

// A dictation is a text to dictate into a place.
type dictation struct {
	applicationText
	place textPlace
}

// left returns what is to be dictated on a layout, after what was.
func left(t *testing.T, layouts string, places []textPlace, done []arrival) (all []dictation) {
	t.Helper()
	for _, text := range applicationTexts {
		if !slices.Contains(strings.Fields(text.layouts), layouts) {
			continue
		}
		n := 1
		if text.often && layouts == "de" {
			n = repeats(t)
		}
		for _, p := range places {
			times := 0
			for _, a := range done {
				if a.Text == text.name && a.Place == p.name {
					times++
				}
			}
			for ; times < n && (text.everywhere || !p.few); times++ {
				all = append(all, dictation{text, p})
			}
		}
	}
	return all
}

// test opens the application once for all settings and layouts.
func (a *application) test(t *testing.T, h *helper) {
	t.Cleanup(func() { american(t) })
	places, open := a.places(t), false
	for _, v := range a.variants() {
		configured := false
		for _, l := range applicationLayouts {
			key := v.name + " | " + l.name
			todo := left(t, l.layouts, places, readArrivals(t)[key])
			if len(todo) > 0 && !configured {
				h.start(t, v.settings)
				configured = true
			}
			if len(todo) > 0 && !open {
				a.open(t, places[0])
				open = true
			}
			if len(todo) > 0 {
				_, err := m.As(within(t, time.Minute), "alice", asXKB(l.layouts, "")+" && "+activate(l.group))
				ok(t, err)
			}
			for _, d := range todo {
				t.Run(strings.TrimSuffix(strings.Join([]string{v.name, l.layouts, d.name, d.place.name}, "/"), "/"), func(t *testing.T) {
					if end, limited := t.Deadline(); limited && time.Until(end) < time.Minute+time.Duration(slowness*float64(30*time.Second)) { // for this text, and to close all
						t.Skip("the next run continues here")
					}
					got := h.dictateInto(t, d.place.on(l.group), d.text)
					got.Text, got.Place = d.name, d.place.name
					keepArrival(t, key, got)
					if !got.Same && (a.changes == "" || !got.typed()) {
						sameText(t, got.got, d.text)
					}
				})
			}
			if done := readArrivals(t)[key]; len(left(t, l.layouts, places, done)) == 0 {
				newRow(key, a.changes, done).write(t)
			}
		}
	}
}

// activate returns a command that makes a layout of each keyboard the active one.
func activate(group int) string {
	return swayCommand(fmt.Sprintf("input type:keyboard xkb_switch_layout %d", group))
}

// on returns the place where a layout is active. Emacs has its commands on Latin letters
// alone.
func (p textPlace) on(group int) textPlace {
	if !p.keys || group == 0 {
		return p
	}
	in := func(t *testing.T, group int) {
		t.Helper()
		_, err := m.As(within(t, time.Minute), "alice", activate(group))
		ok(t, err)
	}
	on := p
	on.clear = func(t *testing.T) { t.Helper(); in(t, 0); p.clear(t); in(t, group) }
	on.read = func(t *testing.T) string { t.Helper(); in(t, 0); defer in(t, group); return p.read(t) }
	return on
}

// repeats returns how many times a text is dictated that an application mixed up.
func repeats(t *testing.T) int {
	t.Helper()
	v := os.Getenv("VOCODER_REPEAT")
	if v == "" {
		return 1
	}
	n, err := strconv.Atoi(v)
	ok(t, err)
	return n
}

// open opens the window of an application on a workspace of its own, and returns once a key
// arrives in a place. The cleanup closes the window.
func (a *application) open(t *testing.T, p textPlace) {
	t.Helper()
	if a.start == "" {
		return
	}
	ctx := within(t, 5*time.Minute)
	const tty = "$XDG_RUNTIME_DIR/typed-tty" // another terminal writes its own
	_, err := m.As(ctx, "alice", "cp "+tty+" ~/typed-tty && "+swayCommand("workspace applications"))
	ok(t, err)
	windows := follow(ctx, t, "alice", swayEvents(`["window"]`, `[.change, ((.container.app_id // .container.window_properties.class // "") | ascii_downcase)]`))
	windows.until(t, contains("subscribed"))
	began := time.Now()
	const afresh = ": > ~/empty.txt; rm -f ~/.~lock.* ~/.empty.txt.kate-swp; exec " // without what a killed one has left
	follow(t.Context(), t, "alice", afresh+a.start+" > ~/application.log 2>&1")
	t.Cleanup(func() {
		// Asked to close, some would ask about the text.
		_, err := m.As(context.Background(), "alice", "cp ~/typed-tty "+tty+" && "+swayCommand("workspace 1")+` && swaymsg -t get_tree |
			jq '.. | objects | select(.type == "workspace" and .name == "applications") | .. | objects | .pid // empty' | sort -u > ~/pids
			for signal in TERM KILL; do
				for i in $(seq 40); do xargs -r kill -$signal < ~/pids 2>/dev/null || break; sleep .5; done
			done`)
		ok(t, err)
	})
	windows.until(t, contains("focus", a.window))
	t.Logf("the window has the focus after %v", time.Since(began).Round(time.Second))
	for got := ""; got != "q"; { // some have the keyboard before they read it
		if ctx.Err() != nil {
			ok(t, m.Screenshot(t.Context(), filepath.Join(resultsFolder(t), "stuck.png")))
			t.Fatalf("no key arrives: %v; the text is %q", context.Cause(ctx), got)
		}
		p.clear(t)
		press(t, "q")
		got = p.read(t)
	}
	t.Logf("keys arrive after %v", time.Since(began).Round(time.Second))
}

// An arrival is what became of a text that was dictated.
type arrival struct {
	Text, Place string
	Outcome     string
	Same        bool // as it was dictated
	Clipboard   bool // holds what it held, or the outcome says that it does not
	got         string
}

func (a arrival) typed() bool { return strings.HasPrefix(a.Outcome, "typed") }

// heldByClipboard is what both selections hold before each text.
const heldByClipboard = "what the clipboard held: ü"

// dictateInto dictates a text into a place, and reads what arrived and the clipboard.
func (h *helper) dictateInto(t *testing.T, p textPlace, want string) arrival {
	t.Helper()
	p.clear(t)
	// Without a type wl-copy asks xdg-mime, which takes half a minute.
	_, err := m.Feed(within(t, time.Minute), "alice", "cat > ~/dictated && for s in '' -p; do printf %s '"+heldByClipboard+"' | wl-copy -n -t text/plain $s >/dev/null 2>&1; done", strings.NewReader(want))
	ok(t, err)
	began := time.Now()
	end := h.dictateFile(t, want)
	// Before it is read back, which copies.
	now := text(m.As(within(t, time.Minute), "alice", "timeout 20 wl-paste -n || true"))(t)
	_, outcome, _ := strings.Cut(end, "utterance ")
	a := arrival{Clipboard: now == heldByClipboard || strings.Contains(end, "clipboard")}
	a.Outcome, _, _ = strings.Cut(outcome, " speech=")
	if !a.Clipboard {
		t.Errorf("the clipboard holds %q afterwards, and the outcome says nothing of it: %s", now, a.Outcome)
	}
	for same := 0; same < 5; { // until it is right, or the same for five times
		now := p.read(t)
		if now == want {
			same = 5
		} else if same++; now != a.got {
			same = 0
			pass(t, time.Second)
		}
		a.got = now
	}
	a.Same = a.got == want
	t.Logf("outcome: %s after %v", a.Outcome, time.Since(began).Round(time.Second))
	return a
}

// dictateFile dictates the text of the file, and returns how that ended. What a busy host
// leaves of the sound may be no speech; then it is dictated again.
func (h *helper) dictateFile(t *testing.T, want string) (end string) {
	t.Helper()
	for range 5 {
		h.rig.do(t, holding("KEY_F14", holdFor(want)))
		h.next(t).answer <- "text" // short, as the recording may be
		end = h.log.until(t, contains("utterance ", "release_to_text="))
		if !strings.Contains(end, "utterance refused") {
			break
		}
		t.Logf("once more: %s", end)
	}
	return end
}

// holdFor returns how long the key is held so that vocoder-inputd permits the keys of a
// text. A longer one is pasted.
func holdFor(text string) time.Duration {
	const typedAtMost, keysPerCharacter, keysPerHold, keysPerSecond = 400, 1.4, 600, 40
	n := float64(utf8.RuneCountInString(text))
	if n > typedAtMost {
		return time.Second
	}
	return time.Second + time.Duration(max(n*keysPerCharacter-keysPerHold, 0)/keysPerSecond*float64(time.Second))
}

// press presses chords one after the other: QEMU's names, joined with +.
func press(t *testing.T, chords ...string) {
	t.Helper()
	ctx := within(t, time.Minute)
	for _, c := range chords {
		keys := strings.Split(c, "+")
		for _, k := range keys {
			ok(t, m.KeyDown(ctx, k))
			pass(t, 80*time.Millisecond)
		}
		for i := len(keys) - 1; i >= 0; i-- {
			ok(t, m.KeyUp(ctx, keys[i]))
			pass(t, 80*time.Millisecond)
		}
	}
}

// terminalInput is the machine's own terminal program, which keeps what it reads.
func terminalInput(*testing.T) []textPlace {
	return []textPlace{{
		clear: func(t *testing.T) { t.Helper(); ok(t, m.ClearTyped(within(t, time.Minute))) },
		read:  func(t *testing.T) string { t.Helper(); return text(m.Typed(within(t, time.Minute)))(t) },
	}}
}

// An editor selects and copies all of its text.
func editor(*testing.T) []textPlace {
	return editing([]string{"ctrl+a", "delete"}, []string{"ctrl+a", "ctrl+c"})
}

func emacs(*testing.T) []textPlace {
	return editing([]string{"ctrl+g", "ctrl+x", "h", "delete"}, []string{"ctrl+x", "h", "alt+w"})
}

func editing(empty, copyAll []string) []textPlace {
	const nothing = "nothing was copied"
	return []textPlace{{
		keys:  true,
		clear: func(t *testing.T) { t.Helper(); press(t, empty...); pass(t, time.Second) },
		read: func(t *testing.T) string {
			t.Helper()
			_, err := m.Feed(within(t, time.Minute), "alice", "wl-copy -n -t text/plain >/dev/null 2>&1", strings.NewReader(nothing))
			ok(t, err)
			press(t, copyAll...)
			for range 20 {
				got := text(m.As(within(t, time.Minute), "alice", "timeout 10 wl-paste -n || true"))(t)
				if got != nothing {
					return strings.TrimSuffix(strings.ReplaceAll(got, "\r\n", "\n"), "\n")
				}
				pass(t, 500*time.Millisecond)
			}
			return nothing
		},
	}}
}
