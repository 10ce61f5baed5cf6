//go:build e2e

package e2e_test

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// TestDesktopExtension: with the extension, GNOME Shell tells the daemon which of several
// layouts is in use, so that texts are typed, and where a password is asked for. It draws the
// overlay.
func TestDesktopExtension(t *testing.T) {
	if session() != "gnome" {
		t.Skip("VOCODER_MACHINE_SESSION is not gnome")
	}
	d := onDesktop(t)
	e := extension{quietMockSession(t), d}
	e.pedals(t)
	e.enable(t)
	e.startWith(t, quiet+"notify: false\ntyping: {paste_limit: 0, space: none}\n")
	e.hears(t)
	_, err := m.As(within(t, time.Minute), "alice", `until vocoderctl status --json | grep -q '"shell":true'; do sleep .2; done`)
	ok(t, err)
	t.Run("layouts", e.layouts)
	t.Run("password", e.password)
	t.Run("overlay", e.overlay)
	t.Run("stopped and flooded", e.stopped)
	t.Run("disabled", e.disabled)
}

// An extension is a session of GNOME with the daemon and the extension.
type extension struct {
	*mockSession
	desktop desktop
}

const extensionName = "vocoder@arealicehole.github.io"

// enable enables the installed extension, and begins a new session, in which the shell finds
// it.
func (e extension) enable(t *testing.T) {
	t.Helper()
	ctx := within(t, 5*time.Minute)
	e.desktop.as(t, xkb{"us", ""}, xkb{"ru", ""})
	_, err := m.As(ctx, "alice", "gsettings reset org.gnome.desktop.input-sources mru-sources; gsettings set org.gnome.shell enabled-extensions \"['"+extensionName+"']\"")
	ok(t, err)
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", "gsettings reset org.gnome.shell enabled-extensions")
		ok(t, err)
		e.desktop.as(t, xkb{"us", ""})
		if t.Failed() {
			out, err := m.As(context.Background(), "alice", "grep -i -A6 'vocoder\\|js error' ~/.cache/session.log | tail -40")
			t.Logf("the shell said (%v):\n%s", err, out)
		}
	})
	const shell = "gdbus call --session --dest org.gnome.Shell --object-path /org/gnome/Shell --method "
	_, err = m.Run(ctx, "cd /run/user/1000 && rm -f terminal-runs typed-tty && systemctl restart getty@tty1 && until test -s typed-tty; do sleep .5; done")
	ok(t, err)
	_, err = m.As(ctx, "alice", `until `+shell+`org.gnome.Shell.Extensions.GetExtensionInfo `+extensionName+` | grep -q "'state': <1"; do sleep 1; done
		until `+shell+`org.freedesktop.DBus.Properties.Get org.gnome.Shell OverviewActive | grep -q false; do sleep 1; done`)
	ok(t, err)
}

// press presses the key, and returns when the daemon has sound of the microphone. The log
// begins with the press.
func (e extension) press(t *testing.T) {
	t.Helper()
	e.log = e.fromNow(t)
	e.rig.do(t, "press p KEY_F14")
	e.listens(t)
}

func (e extension) fromNow(t *testing.T) *lines { t.Helper(); return fromNow(t, "_PID="+e.pid) }

func (e extension) release(t *testing.T) {
	t.Helper()
	e.rig.do(t, "release p KEY_F14")
}

// delivered waits until a text has arrived, and returns how it was delivered.
func (e extension) delivered(t *testing.T, text string) (how string) {
	t.Helper()
	line := e.log.until(t, contains("utterance", "release_to_text"))
	_, how, _ = strings.Cut(line, "utterance ")
	how, _, _ = strings.Cut(how, " ")
	if how != "typed" && how != "pasted" {
		t.Fatal(line)
	}
	sameText(t, awaitTyped(t, text), text)
	return how
}

// dictates holds the key for as long as a text takes to say, has the recognizer answer with it, and
// returns how it was delivered.
func (e extension) dictates(t *testing.T, text string) (how string) {
	t.Helper()
	ok(t, m.ClearTyped(within(t, time.Minute)))
	e.press(t)
	pass(t, time.Duration(utf8.RuneCountInString(text))*time.Second/15)
	e.release(t)
	e.next(t).answer <- text
	return e.delivered(t, text)
}

// switchLayout switches by the keyboard to the layout that was not used last, and returns
// when the shell has it.
func (e extension) switchLayout(t *testing.T, to string) {
	t.Helper()
	ctx := within(t, time.Minute)
	ok(t, m.KeyDown(ctx, "meta_l"))
	ok(t, m.KeyDown(ctx, "spc"))
	ok(t, m.KeyUp(ctx, "spc"))
	ok(t, m.KeyUp(ctx, "meta_l"))
	_, err := m.As(ctx, "alice", `until gsettings get org.gnome.desktop.input-sources mru-sources | grep -q "^.('xkb', '`+to+`')"; do sleep .2; done`)
	ok(t, err)
}

// layouts: with two layouts, texts are typed on the one in use.
func (e extension) layouts(t *testing.T) {
	for _, l := range []struct{ layout, letters string }{
		{"us", latin + "[]{}"},
		{"ru", "абвгдежзийклмнопрстуфхцчшщъыьэюяАБВЯ0123456789"},
		{"de", latin + "äöüÄÖÜß"},
	} {
		if l.layout != "us" {
			e.desktop.as(t, xkb{"us", ""}, xkb{l.layout, ""})
			e.switchLayout(t, l.layout)
		}
		if how := e.dictates(t, prose(l.letters, 120)); how != "typed" {
			t.Errorf("%s: it was %s", l.layout, how)
		}
	}
}

// asks shows a dialog that asks for a password during a recording, and returns when it has the
// focus. If there is no recording, one begins.
func (e extension) asks(t *testing.T) (answered func()) {
	t.Helper()
	ctx := within(t, 4*time.Minute)
	_, err := m.As(ctx, "alice", `(setsid zenity --password > /dev/null 2>&1 &)
		asks() { vocoderctl start 2>&1 | grep -q "password field"; }
		until asks && sleep 3 && asks; do sleep .5; done`) // a dialog that opens can lose the focus once
	ok(t, err)
	return func() {
		t.Helper()
		_, err := m.As(ctx, "alice", "pkill -x zenity; until vocoderctl start; do sleep .5; done; vocoderctl cancel")
		ok(t, err)
	}
}

// password: nothing is recorded while a password field has the focus, and a text that is
// ready is kept.
func (e extension) password(t *testing.T) {
	ctx := within(t, time.Minute)
	ok(t, m.ClearTyped(ctx))
	answered := e.asks(t)
	_, err := m.As(ctx, "alice", `vocoderctl cancel; while pactl list short source-outputs | grep -q .; do sleep .2; done`)
	ok(t, err)
	log := e.fromNow(t)
	e.rig.do(t, "press p KEY_F14")
	log.until(t, contains("utterance refused", "password field"))
	if open := text(m.As(within(t, time.Minute), "alice", "pactl list short source-outputs"))(t); open != "" {
		t.Errorf("the microphone is open: %s", open)
	}
	e.release(t)
	e.none(t)
	answered()

	e.press(t)
	answered = e.asks(t)
	e.release(t)
	e.next(t).answer <- "secret"
	e.log.until(t, contains("utterance kept", "password field"))
	answered()
	_, err = m.As(within(t, time.Minute), "alice", "vocoderctl retry")
	ok(t, err)
	e.types(t, "secret")
}

// overlay: the shell shows the level while the daemon listens, and the text goes into the
// window that had the focus.
func (e extension) overlay(t *testing.T) {
	defer hum(t)()
	o := &overlay{e.mockSession}
	ok(t, m.ClearTyped(within(t, time.Minute)))
	e.press(t)
	o.sees(t, "a tone", loud(1))
	e.release(t)
	e.next(t).answer <- "hello"
	e.types(t, "hello")
	o.sees(t, "nothing", none)
}

// pretend is 500 times the claim of a program that is not the shell, that a password field has the
// focus.
const pretend = `perl -MIO::Socket::UNIX -e 'for (1 .. 500) {
	my $s = IO::Socket::UNIX->new("$ENV{XDG_RUNTIME_DIR}/vocoder.sock") or die "connect: $!\n";
	print $s "PUT /v1/desktop HTTP/1.1\r\nHost: vocoder\r\nContent-Length: 17\r\n\r\n{\"password\":true}"; $s->flush;
	<$s> =~ / 403 / or die "not refused\n";
}'`

// stopped: a dictation is whole while the shell is stopped, and another program pretends to be
// the shell.
func (e extension) stopped(t *testing.T) {
	const want = "typed all the same"
	ok(t, m.ClearTyped(within(t, time.Minute)))
	e.press(t)
	goOn := func() {
		_, err := m.As(context.Background(), "alice", "pkill -CONT -x gnome-shell")
		ok(t, err)
	}
	t.Cleanup(goOn) // if the test fails
	_, err := m.As(within(t, 2*time.Minute), "alice", "pkill -STOP -x gnome-shell && "+pretend)
	ok(t, err)
	e.release(t)
	e.next(t).answer <- want
	pass(t, time.Second)
	goOn()
	t.Logf("it was %s", e.delivered(t, want))
}

// disabled: without the extension the layout in use is not known, and what is dictated is pasted.
func (e extension) disabled(t *testing.T) {
	_, err := m.As(within(t, time.Minute), "alice", "gnome-extensions disable "+extensionName+`; until vocoderctl status --json | grep -q '"shell":false'; do sleep .2; done`)
	ok(t, err)
	if how := e.dictates(t, prose(latin, 60)); how != "pasted" {
		t.Errorf("it was %s", how)
	}
}
