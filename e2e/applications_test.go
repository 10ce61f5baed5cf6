//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// These tests are of the applications that VOCODER_MACHINE_SESSION=applications has, under
// sway: make sweep-applications. They write the table of docs/applications.md.

// An application is a program that people dictate into.
type application struct {
	name    string // as in docs/applications.md
	start   string // opens a window with an empty text; empty: it is open
	window  string // part of its app_id or class
	places  func(*testing.T) []textPlace
	setting string // an entry of typing.applications; empty for the default settings
	changes string // what the application does to typed text, and what avoids it; empty: nothing
}

// A textPlace is a place in a window that text is typed into.
type textPlace struct {
	name  string
	few   bool // only the texts for every place are typed into it
	clear func(*testing.T)
	read  func(*testing.T) string
}

var applications = []application{
	{name: "foot", places: terminalInput},
	{name: "xterm (X11)", start: "xterm -fa 'DejaVu Sans Mono' -fs 11 -e /usr/local/lib/machine/terminal", window: "xterm", places: terminalInput},
	{name: "Firefox", start: "env MOZ_ENABLE_WAYLAND=1 " + firefox, window: "firefox", places: browser},
	{name: "Firefox (X11)", start: "env MOZ_ENABLE_WAYLAND=0 GDK_BACKEND=x11 " + firefox, window: "firefox", places: browser},
	{name: "Chromium", start: "chromium --ozone-platform=wayland " + chromium, window: "chromium", places: browser},
	{name: "Chromium (X11)", start: "chromium --ozone-platform=x11 " + chromium, window: "chromium", places: browser},
	{name: "Thunderbird", start: "env MOZ_ENABLE_WAYLAND=1 thunderbird --profile ~/thunderbird -compose " + `"to='bob@example.org',subject='Text',format='2'"`, window: "thunderbird", places: editor},
	{name: "LibreOffice Writer", start: writer, window: "libreoffice", places: editor,
		changes: "AutoCorrect changes quotation marks, dashes and more of what is typed; `paste: always` avoids it"},
	{name: "LibreOffice Writer, `paste: always`", start: writer, window: "libreoffice", places: editor,
		setting: "{app: libreoffice-writer, paste: always}"},
	{name: "GNOME Text Editor", start: "gnome-text-editor ~/empty.txt", window: "texteditor", places: editor},
	{name: "Mousepad", start: "mousepad ~/empty.txt", window: "mousepad", places: editor},
	{name: "Kate", start: kate, window: "kate", places: editor,
		changes: "closes brackets and quotation marks that are typed; `paste: always` avoids it"},
	{name: "Kate, `paste: always`", start: kate, window: "kate", places: editor, setting: "{app: org.kde.kate, paste: always}"},
	{name: "FeatherPad", start: "env QT_QPA_PLATFORM=wayland featherpad ~/empty.txt", window: "featherpad", places: editor},
	{name: "Emacs (X11)", start: "emacs -Q --eval '(setq inhibit-startup-screen t)' ~/empty.txt", window: "emacs", places: emacs},
}

const (
	firefox = "firefox-esr --profile ~/firefox http://127.0.0.1:8080/"
	writer  = "env GDK_BACKEND=wayland SAL_USE_VCLPLUGIN=gtk3 soffice --norestore --nologo --nofirststartwizard --writer ~/empty.txt"
	kate    = "env QT_QPA_PLATFORM=wayland kate ~/empty.txt"
)

const chromium = "--disable-gpu --no-first-run --no-default-browser-check --password-store=basic --user-data-dir=/home/alice/chromium http://127.0.0.1:8080/"

// Settings of the programs, so that they ask nothing at their first start.
const applicationHome = `mkdir -p ~/firefox ~/thunderbird && : > ~/empty.txt
cat > ~/firefox/user.js <<'END'
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.preonboarding.enabled", false);
user_pref("termsofuse.acceptedVersion", 99);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("browser.sessionstore.resume_from_crash", false);
user_pref("dom.ipc.processPrelaunch.enabled", false);
user_pref("ui.prefersReducedMotion", 1);
END
cat > ~/thunderbird/user.js <<'END'
user_pref("mail.accountmanager.accounts", "account1");
user_pref("mail.accountmanager.defaultaccount", "account1");
user_pref("mail.account.account1.identities", "id1");
user_pref("mail.account.account1.server", "server1");
user_pref("mail.identity.id1.fullName", "Alice");
user_pref("mail.identity.id1.useremail", "alice@example.org");
user_pref("mail.identity.id1.compose_html", false);
user_pref("mail.identity.id1.valid", true);
user_pref("mail.server.server1.type", "none");
user_pref("mail.server.server1.hostname", "Local Folders");
user_pref("mail.server.server1.name", "Local Folders");
user_pref("mail.server.server1.userName", "alice");
user_pref("mail.spellcheck.inline", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("mailnews.start_page.enabled", false);
END`

// An applicationText is typed or pasted, as the settings and the layout decide.
type applicationText struct {
	name, text string
	layouts    string // on which it is dictated
	everywhere bool   // into each place of an application
	often      bool   // on de VOCODER_REPEAT times: an application mixed it up now and then
}

var applicationTexts = []applicationText{
	{"English", `On 24 May 2025, she said: "It's 9:30 - we'll meet at O'Hare (gate B-17), don't forget!" I think the fee was $1,250.75; 50% of 3/4 items & 2 boxes cost #8 each... Is that OK? Yes: ask bob_smith@example.org. The end`, "us de us,ru", true, false},
	{"German", `Größe und Maß: „Übermäßig“ schöne Äpfel kosten 3,50 €. Ob's hilft? Ja – ganz gewiß, sagte er; 20 °C, § 5, naïve Café-Gäste (über 18) zahlen 10 % mehr.`, "us de", false, false},
	{"mixed", "日本語のテキスト, é, 👍🏽 — “quoted” and plain", "us de us,ru", true, false},
	{"signs", "pow x^2 and `code` here, 2^10 = 1024 ^ end `q`", "us de", false, true},
	{"accents", "Más café: él comió, à la crème brûlée; déjà vu, où, là! Élan, Ê, ô, í ú.", "us de", false, false},
	{"Russian", "Съешь же ещё этих мягких французских булок, да выпей чаю.", "us,ru", false, false},
	{"400 characters", prose(latin+"<>{}|^~@#$%&*_=+", 400), "us de", false, true},
	{"2,000 characters", prose(latin+"<>{}|^~@#$%&*_=+", 2000), "us de", false, true},
}

// applicationLayouts are the layouts, and the active group of each.
var applicationLayouts = []struct {
	layouts string
	group   int
	name    string // as in docs/applications.md
}{{"us", 0, "us"}, {"de", 0, "de"}, {"us,ru", 1, "us, ru; ru active"}}

// TestApplications dictates texts into real applications, through the daemon and
// vocoder-inputd, and reads them back.
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

func (a *application) test(t *testing.T, h *helper) {
	more := applicationSettings
	if a.setting != "" {
		more += "  applications: [" + a.setting + "]\n"
	}
	h.start(t, more)
	places := a.launch(t)
	t.Cleanup(func() { american(t) })
	for _, l := range applicationLayouts {
		_, err := m.As(within(t, time.Minute), "alice", asXKB(l.layouts, "")+" && "+swayCommand(fmt.Sprintf("input type:keyboard xkb_switch_layout %d", l.group)))
		ok(t, err)
		r := applicationRow{application: a.name, layout: l.name, changes: a.changes}
		for _, text := range applicationTexts {
			if !slices.Contains(strings.Fields(text.layouts), l.layouts) {
				continue
			}
			for _, p := range places {
				if p.few && !text.everywhere {
					continue
				}
				t.Run(strings.TrimSuffix(strings.Join([]string{l.layouts, text.name, p.name}, "/"), "/"), func(t *testing.T) {
					n := 1
					if text.often && l.layouts == "de" {
						n = repeats(t)
					}
					for range n {
						r.add(t, text.name, h.dictateInto(t, p, text.text))
					}
				})
			}
		}
		r.write(t)
	}
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

// launch opens the window of an application on a workspace of its own and returns its
// places for text. The cleanup closes it.
func (a *application) launch(t *testing.T) []textPlace {
	t.Helper()
	ctx := within(t, 5*time.Minute)
	places := a.places(t)
	if a.start == "" {
		return places
	}
	_, err := m.As(ctx, "alice", swayCommand("workspace applications"))
	ok(t, err)
	windows := follow(ctx, t, "alice", swayEvents(`["window"]`, `[.change, ((.container.app_id // .container.window_properties.class // "") | ascii_downcase)]`))
	windows.until(t, contains("subscribed"))
	const afresh = ": > ~/empty.txt; rm -f ~/.~lock.* ~/.empty.txt.kate-swp; exec " // without what a killed one has left
	follow(t.Context(), t, "alice", afresh+a.start+" > ~/application.log 2>&1")
	windows.until(t, contains("focus", a.window))
	t.Cleanup(func() {
		// Asked to close, some would ask about the text.
		_, err := m.As(context.Background(), "alice", swayCommand("workspace 1")+` && swaymsg -t get_tree |
			jq '.. | objects | select(.type == "workspace" and .name == "applications") | .. | objects | .pid // empty' | sort -u > ~/pids
			for signal in TERM KILL; do
				for i in $(seq 40); do xargs -r kill -$signal < ~/pids 2>/dev/null || break; sleep .5; done
			done`)
		ok(t, err)
	})
	pass(t, time.Duration(float64(8*time.Second)*slowness)) // some have the keyboard before they read it
	return places
}

// An arrival is what became of a text that was dictated.
type arrival struct {
	outcome   string
	got, want string
	clipboard bool // holds what it held, or the outcome says that it does not
}

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
	h.rig.do(t, holding("KEY_F14", holdFor(want)))
	h.next(t).answer <- "text" // short: on a busy host the recording may be too
	end := h.log.until(t, contains("utterance ", "release_to_text="))
	// Before it is read back, which copies.
	now := text(m.As(within(t, time.Minute), "alice", "timeout 20 wl-paste -n || true"))(t)
	_, outcome, _ := strings.Cut(end, "utterance ")
	a := arrival{want: want, clipboard: now == heldByClipboard || strings.Contains(end, "clipboard")}
	a.outcome, _, _ = strings.Cut(outcome, " speech=")
	if !a.clipboard {
		t.Errorf("the clipboard holds %q afterwards, and the outcome says nothing of it: %s", now, a.outcome)
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
	t.Logf("outcome: %s after %v", a.outcome, time.Since(began).Round(time.Second))
	return a
}

// holdFor returns how long the key is held so that vocoder-inputd permits the keys of a
// text. A longer one is pasted.
func holdFor(text string) time.Duration {
	const typedAtMost, keysPerCharacter, keysPerHold, keysPerSecond = 400, 1.4, 200, 40
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
