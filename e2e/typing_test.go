//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/e2e/shipped"
)

// The layouts, each with the characters to type on it: those of its language, and the signs
// of usual texts.
var layouts = []struct{ layout, variant, letters string }{
	{"us", "", latin + "<>[]{}|\\^`~@#$%&*_=+"},
	{"gb", "", latin + "£¬€[]{}#~@"},
	{"de", "", latin + "äöüÄÖÜß€§°µ[]{}~|@^é"},
	{"fr", "", latin + "éèçàùâêîôûëïüÉ€§°£µ{}[]"},
	{"be", "", latin + "éèçàùâêîôû€§°£²³"},
	{"ch", "", latin + "äöüéèàç§°[]{}"},
	{"es", "", latin + "ñÑçáéíóúüÁÉ¿¡ºª€·"},
	{"pt", "", latin + "çÇãõáéíóúâêôàª º«»€"},
	{"br", "", latin + "çÇãõáéíóúâêôà§ªº"},
	{"it", "", latin + "èéàùòìç°§€[]{}"},
	{"pl", "", latin + "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ€"},
	{"cz", "", latin + "ěščřžýáíéúůďťňĚŠČ§"},
	{"hu", "", latin + "áéíóöőúüűÁÉÍÓÖŐÚÜŰ"},
	{"se", "", latin + "åäöÅÄÖé€£"},
	{"no", "", latin + "æøåÆØÅ€£"},
	{"dk", "", latin + "æøåÆØÅ€£"},
	{"ru", "", "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ0123456789.,!?-:;()\"№"},
	{"ua", "", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяАБВГҐДЕЄЖЗИІЇЙ0123456789.,!?-:;()\"№"},
	{"gr", "", "αβγδεζηθικλμνξοπρσςτυφχψωΑΒΓΔΕΖάέήίόύώΆΈϊϋ0123456789.,!-:()"},
	{"tr", "", latin + "ğüşıöçĞÜŞİÖÇ"},
	{"il", "", "אבגדהוזחטיכלמנסעפצקרשתךםןףץ0123456789.,!?-:;()'\""},
	{"de", "neo", latin + "äöüÄÖÜßſαβγ…—«»"},
	{"us", "dvorak", latin + "<>[]{}|\\^`~"},
	{"fr", "bepo", latin + "éèçàùâêîôûœæÉÈÇ«»—–…’€"},
}

const latin = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!?-:;()'\"/"

// prose returns a text of n characters, always the same: random words of up to nine of the
// letters, with a single space between them.
func prose(letters string, n int) string {
	all := []rune(strings.ReplaceAll(letters, " ", ""))
	dice := rand.New(rand.NewPCG(1, uint64(len(all))))
	var b strings.Builder
	for i, left := 0, 1; i < n; i++ {
		if left == 0 && i < n-1 {
			b.WriteByte(' ')
			left = 1 + dice.IntN(9)
			continue
		}
		b.WriteRune(all[dice.IntN(len(all))])
		left = max(0, left-1)
	}
	return b.String()
}

// write types a text with `vocoder type` on a layout and returns what it printed.
func write(t *testing.T, layout, variant, text string, flags ...string) string {
	t.Helper()
	ctx := within(t, 5*time.Minute)
	ok(t, m.ClearTyped(ctx))
	command := "vocoder type --typing-space none " + strings.Join(flags, " ")
	if session() == "sway" {
		command = asXKB(layout, variant) + " && " + command + " --after 0s"
	} else {
		command = onceThere(asXKB(layout, variant)) + command + " --after 4s; status=$?; wait; exit $status"
	}
	out, err := m.Feed(ctx, "alice", command, strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.TrimSpace(out)
}

// awaitTyped waits until the terminal's input is as long as want, and returns it.
func awaitTyped(t *testing.T, want string) string {
	t.Helper()
	got, _ := m.WaitTyped(within(t, time.Minute), func(s string) bool { return len(s) >= len(want) })
	return got
}

// sameText fails if the texts differ, and reports the first difference.
func sameText(t *testing.T, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	for i > 0 && i < len(want) && !utf8.RuneStart(want[i]) {
		i--
	}
	around := func(s string) string { return s[max(0, min(i, len(s))-12):min(len(s), i+20)] }
	t.Errorf("%d bytes, want %d; they differ at byte %d: got %q, want %q", len(got), len(want), i, around(got), around(want))
}

// TestLayouts checks that text typed on a layout arrives byte for byte. VOCODER_SWEEP=1
// tests all layouts, with 5,000 characters on each.
func TestLayouts(t *testing.T) {
	ok(t, shipped.Install(within(t, time.Minute), m))
	list, n := layouts, 5000
	if os.Getenv("VOCODER_SWEEP") == "" {
		list, n = nil, 150
		for _, l := range layouts {
			if l.layout+l.variant == "fr" || l.layout+l.variant == "ru" || l.variant == "neo" {
				list = append(list, l)
			}
		}
	}
	t.Cleanup(func() { american(t) })
	for _, l := range list {
		t.Run(strings.TrimSuffix(l.layout+"-"+l.variant, "-"), func(t *testing.T) {
			if session() == "xorg" && l.variant == "neo" {
				unbound(t)
			}
			want := prose(l.letters, n)
			began := time.Now()
			if how := write(t, l.layout, l.variant, want, "--typing-paste-limit 0", composing()); how != "typed" {
				t.Errorf("it was %s", how)
			}
			got := awaitTyped(t, want)
			sameText(t, got, want)
			t.Logf("%d characters in %v", n, time.Since(began).Round(time.Second))
		})
	}
}

// composing returns the flag for dead keys in the X session. It has no window manager that
// reports the program, so vocoder does not know that xterm keeps the order.
func composing() string {
	if session() == "sway" {
		return ""
	}
	return "--typing-dead-keys true"
}

// unbound sends the text to an xterm without some of its bindings. The test compares
// these with each level of a key. On Neo, where W has Next on a higher level and Ä has
// Insert, Shift+W scrolls and Shift+Ä pastes, also when a user presses them. For a
// colon, the test compares only what is typed. docs/desktops.md documents this.
func unbound(t *testing.T) {
	t.Helper()
	ctx := within(t, 5*time.Minute)
	const bindings = `XTerm*VT100.translations: #override \
		:Shift<Key>Insert: insert-selection(SELECT, CUT_BUFFER0) \n Shift<Key>Insert: insert() \n \
		Shift<Key>Next: insert() \n Shift<Key>Prior: insert() \n \
		Shift<Key>KP_Add: insert() \n Shift<Key>KP_Subtract: insert()`
	const tty = "/run/user/1000/typed-tty" // from now on that of the new terminal
	before := text(m.As(ctx, "alice", "cat "+tty))(t)
	follow(ctx, t, "alice", "exec xterm -title unbound -xrm "+quoted(bindings)+" -e /usr/local/lib/machine/terminal")
	focus := func(title string) {
		_, err := m.As(context.Background(), "alice", "xdotool search --sync --onlyvisible --name '^"+title+"$' windowfocus --sync")
		ok(t, err)
	}
	focus("unbound")
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", "pkill -f '[t]itle unbound'; echo "+strings.TrimSpace(before)+" > "+tty)
		ok(t, err)
		focus("typed")
	})
}

// Texts with characters that the layout lacks. They are pasted whole.
var foreign = []string{"日本語のテキスト", "👍🏽 done 👩‍👩‍👧", "Grüße — “mixed” naïve 中文 ok…"}

// TestPaste checks that text which the layout cannot type arrives complete, and that the
// clipboard then has its old content.
func TestPaste(t *testing.T) {
	ctx := within(t, 5*time.Minute)
	ok(t, shipped.Install(ctx, m))
	asked := "wl-paste -n"
	if session() != "sway" {
		asked = "xclip -selection clipboard -o"
	}
	hold := func(what string) {
		t.Helper()
		_, err := m.Feed(ctx, "alice", copying()+" >/dev/null 2>&1", strings.NewReader(what))
		ok(t, err)
	}
	for _, want := range foreign {
		hold("what was there")
		ok(t, m.ClearTyped(ctx))
		writer := follow(ctx, t, "alice", fmt.Sprintf("printf %%s %s | vocoder type --after 0s --typing-space none 2>/dev/null; echo ended", quoted(want)))
		if how := writer.until(t, func(string) bool { return true }); how != "pasted" {
			t.Errorf("it was %s", how)
		}
		sameText(t, awaitTyped(t, want), want)
		if got := text(m.As(ctx, "alice", asked))(t); got != "what was there" {
			t.Errorf("the clipboard holds %q afterwards", got)
		}
		hold("something else") // the writer waits for that
		writer.until(t, contains("ended"))
	}
}

// TestTextField checks that a text field of a toolkit gets typed and pasted text.
func TestTextField(t *testing.T) {
	ok(t, shipped.Install(within(t, time.Minute), m))
	for _, want := range append([]string{prose(latin, 120)}, foreign...) {
		ctx := within(t, 2*time.Minute)
		focused := onFocus(ctx, t, "field")
		field := follow(ctx, t, "alice", "exec zenity --entry --title=field --text=field 2>/dev/null")
		focused()
		writer := follow(ctx, t, "alice", fmt.Sprintf("printf %%s %s | vocoder type --after 1s --typing-space none", quoted(want)))
		how := writer.until(t, func(string) bool { return true })
		ok(t, m.KeyDown(ctx, "ret"))
		ok(t, m.KeyUp(context.Background(), "ret"))
		sameText(t, field.until(t, func(string) bool { return true }), want)
		t.Log(how)
		_, err := m.As(ctx, "alice", "pkill -x vocoder || true") // it may have ended already
		ok(t, err)
	}
}

// TestStoppedTerminal checks that a terminal that is stopped for two seconds gets the
// whole text, and so does one that is stopped while all of a text is typed.
func TestStoppedTerminal(t *testing.T) {
	ok(t, shipped.Install(within(t, time.Minute), m))
	n, stopped := 400, 60 // typing.paste_limit; a stopped window takes a third of a second a character
	if os.Getenv("VOCODER_SWEEP") != "" {
		n, stopped = 5000, 400
	}
	terminal := map[string]string{"sway": "foot", "xorg": "xterm"}[session()]
	signal := func(t *testing.T, name string) {
		t.Helper()
		_, err := m.As(context.Background(), "alice", "pkill -"+name+" -x "+terminal)
		ok(t, err)
	}
	begin := func(ctx context.Context, t *testing.T, text string) *lines {
		t.Helper()
		ok(t, m.ClearTyped(ctx))
		return follow(ctx, t, "alice", fmt.Sprintf("printf %%s %s | vocoder type --after 0s --typing-paste-limit 0 --typing-space none", quoted(text)))
	}
	t.Run("for a while", func(t *testing.T) {
		ctx, want := within(t, 5*time.Minute), prose(latin, n)
		writer := begin(ctx, t, want)
		if _, err := m.WaitTyped(ctx, func(s string) bool { return len(s) > n/4 }); err != nil {
			t.Fatal(err)
		}
		signal(t, "STOP")
		pass(t, 2*time.Second)
		signal(t, "CONT")
		writer.until(t, contains("typed"))
		sameText(t, awaitTyped(t, want), want)
	})
	t.Run("throughout", func(t *testing.T) {
		ctx, want := within(t, 5*time.Minute), prose(latin, stopped)
		signal(t, "STOP")
		writer := begin(ctx, t, want)
		writer.until(t, contains("typed"))
		signal(t, "CONT")
		sameText(t, awaitTyped(t, want), want)
	})
}

// quoted returns a text as one word of a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// TestKeysHeld checks that nothing is typed while a key of a keyboard is down, so that
// no shortcut fires. When the key is up, everything is typed.
func TestKeysHeld(t *testing.T) {
	ok(t, shipped.Install(within(t, time.Minute), m))
	const want = "nothing fires: c v q w"
	for _, k := range []string{"ctrl", "shift", "meta_l", "alt", "k"} {
		t.Run(k, func(t *testing.T) {
			ctx := within(t, time.Minute)
			ok(t, m.ClearTyped(ctx))
			ok(t, m.KeyDown(ctx, k))
			writer := follow(ctx, t, "alice", fmt.Sprintf("vocoder type --after 0s --typing-space none %s 2>&1", quoted(want)))
			pass(t, 1500*time.Millisecond) // shorter than its limit
			before := text(m.Typed(ctx))(t)
			ok(t, m.KeyUp(ctx, k))
			if strings.Trim(before, "k") != "" {
				t.Errorf("typed %q while %s was down", before, k)
			}
			writer.until(t, contains("typed"))
			got := awaitTyped(t, want)
			sameText(t, strings.TrimLeft(got, "k"), want)
		})
	}
}

// TestKilled checks that no key is down after the typing program was killed at any moment.
// A letter that is then pressed gives one lower-case letter.
func TestKilled(t *testing.T) {
	ok(t, shipped.Install(within(t, time.Minute), m))
	times := 5
	if os.Getenv("VOCODER_SWEEP") != "" {
		times = 50
	}
	for i := range times {
		ctx := within(t, time.Minute)
		ok(t, m.ClearTyped(ctx))
		writer := follow(ctx, t, "alice", "vocoder type --after 0s "+quoted(strings.Repeat("AbC{d}E", 50))+"; echo ended")
		if _, err := m.WaitTyped(ctx, func(s string) bool { return len(s) > i }); err != nil {
			t.Fatal(err)
		}
		_, err := m.As(ctx, "alice", "pkill -KILL -x vocoder")
		ok(t, err)
		writer.until(t, contains("ended"))
		_, err = m.As(ctx, "alice", "udevadm settle")
		ok(t, err)
		ok(t, m.ClearTyped(ctx))
		for _, k := range []string{"x", "ret"} {
			ok(t, m.KeyDown(ctx, k))
			ok(t, m.KeyUp(ctx, k))
		}
		got, err := m.WaitTyped(ctx, func(s string) bool { return strings.HasSuffix(s, "\n") || strings.HasSuffix(s, "\r") })
		ok(t, err)
		if got = strings.TrimRight(got, "\r\n"); got != "x" {
			t.Errorf("after kill %d: a pressed x is %q", i, got)
		}
	}
}
