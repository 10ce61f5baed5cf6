//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// These tests are of the applications that VOCODER_MACHINE_SESSION=applications has, under
// sway: make sweep-applications. docs/applications.md is written from what they log.

// An application is a program that people dictate into.
type application struct {
	name   string // as in docs/applications.md
	start  string // opens a window with an empty text; empty: it is open
	window string // part of its app_id or class
	places func(*testing.T) []textPlace
}

// A textPlace is a place in a window that text is typed into.
type textPlace struct {
	name  string
	few   bool // only the texts for every place are typed into it
	clear func(*testing.T)
	read  func(*testing.T) string
}

var applications = []application{
	{"foot", "", "", terminalInput},
	{"Firefox", "env MOZ_ENABLE_WAYLAND=1 firefox-esr --profile ~/firefox http://127.0.0.1:8080/", "firefox", browser},
	{"Firefox (X11)", "env MOZ_ENABLE_WAYLAND=0 GDK_BACKEND=x11 firefox-esr --profile ~/firefox http://127.0.0.1:8080/", "firefox", browser},
	{"Chromium", "chromium --ozone-platform=wayland " + chromium, "chromium", browser},
	{"Chromium (X11)", "chromium --ozone-platform=x11 " + chromium, "chromium", browser},
	{"LibreOffice Writer", "env GDK_BACKEND=wayland SAL_USE_VCLPLUGIN=gtk3 soffice --norestore --nologo --nofirststartwizard --writer ~/empty.txt", "libreoffice", editor},
	{"GNOME Text Editor", "gnome-text-editor ~/empty.txt", "texteditor", editor},
	{"Mousepad", "mousepad ~/empty.txt", "mousepad", editor},
	{"Kate", "env QT_QPA_PLATFORM=wayland kate ~/empty.txt", "kate", editor},
	{"FeatherPad", "env QT_QPA_PLATFORM=wayland featherpad ~/empty.txt", "featherpad", editor},
	{"Emacs (X11)", "emacs -Q --eval '(setq inhibit-startup-screen t)' ~/empty.txt", "emacs", emacs},
	{"xterm (X11)", "xterm -fa 'DejaVu Sans Mono' -fs 11 -e /usr/local/lib/machine/terminal", "xterm", terminalInput},
	{"Thunderbird", "env MOZ_ENABLE_WAYLAND=1 thunderbird --profile ~/thunderbird -compose format=2", "thunderbird", editor},
}

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
	layouts    string // only on these; empty: on all
	everywhere bool   // into each place of an application
}

var applicationTexts = []applicationText{
	{"English", `On 24 May 2025, she said: "It's 9:30 - we'll meet at O'Hare (gate B-17), don't forget!" I think the fee was $1,250.75; 50% of 3/4 items & 2 boxes cost #8 each... Is that OK? Yes: ask bob_smith@example.org. The end`, "", true},
	{"German", `Größe und Maß: „Übermäßig“ schöne Äpfel kosten 3,50 €. Ob's hilft? Ja – ganz gewiß, sagte er; 20 °C, § 5, naïve Café-Gäste (über 18) zahlen 10 % mehr.`, "", false},
	{"mixed", "日本語のテキスト, é, 👍🏽 — “quoted” and plain", "", true},
	{"signs", "pow x^2 and `code` here, 2^10 = 1024 ^ end `q`", "", false},
	{"accents", "Más café: él comió, à la crème brûlée; déjà vu, où, là! Élan, Ê, ô, í ú.", "", false},
	{"Russian", "Съешь же ещё этих мягких французских булок, да выпей чаю.", "us,ru", false},
	{"400 characters", prose(latin+"<>{}|^~@#$%&*_=+", 400), "us de", false},
	{"2,000 characters", prose(latin+"<>{}|^~@#$%&*_=+", 2000), "us de", false},
}

// applicationLayouts are the layouts, and the active group of each.
var applicationLayouts = []struct {
	layouts string
	group   int
}{{"us", 0}, {"de", 0}, {"us,ru", 1}}

// TestApplications dictates texts into real applications, through the daemon and
// vocoder-inputd, and reads them back. VOCODER_REPEAT dictates each so many times.
func TestApplications(t *testing.T) {
	if os.Getenv("VOCODER_MACHINE_SESSION") != withApplications {
		t.Skip("VOCODER_MACHINE_SESSION is not " + withApplications)
	}
	h := newHelper(t, newMockSession(t))
	_, err := m.As(within(t, time.Minute), "alice", applicationHome)
	ok(t, err)
	h.start(t, "key: KEY_F14\ntyping: {space: none}\n")
	for _, a := range applications {
		t.Run(a.name, func(t *testing.T) { a.test(t, h) })
	}
}

func (a *application) test(t *testing.T, h *helper) {
	places := a.launch(t)
	t.Cleanup(func() { american(t) })
	for _, l := range applicationLayouts {
		_, err := m.As(within(t, time.Minute), "alice", asXKB(l.layouts, "")+" && "+swayCommand(fmt.Sprintf("input type:keyboard xkb_switch_layout %d", l.group)))
		ok(t, err)
		for _, text := range applicationTexts {
			if text.layouts != "" && !strings.Contains(" "+text.layouts+" ", " "+l.layouts+" ") {
				continue
			}
			for _, p := range places {
				if p.few && !text.everywhere {
					continue
				}
				t.Run(strings.Join([]string{l.layouts, text.name, p.name}, "/"), func(t *testing.T) {
					for range repeats(t) {
						h.dictateInto(t, p, text.text)
					}
				})
			}
		}
	}
}

// repeats returns how many times each text is dictated.
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
	follow(t.Context(), t, "alice", ": > ~/empty.txt; exec "+a.start+" > ~/application.log 2>&1")
	windows.until(t, contains("focus", a.window))
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", swayCommand("[workspace=applications] kill", "workspace 1"))
		ok(t, err)
	})
	pass(t, time.Duration(float64(8*time.Second)*slowness)) // some have the keyboard before they read it
	return places
}

// dictateInto dictates a text into a place and compares what arrived, and the clipboard.
func (h *helper) dictateInto(t *testing.T, p textPlace, want string) {
	t.Helper()
	p.clear(t)
	const held = "what the clipboard held: ü"
	for _, copied := range []string{"wl-copy -n", "wl-copy -p -n"} {
		_, err := m.Feed(within(t, time.Minute), "alice", copied+" >/dev/null 2>&1", strings.NewReader(held))
		ok(t, err)
	}
	began := time.Now()
	// As long as a person would need: a text that is too fast for the sound is refused.
	h.rig.do(t, holding("KEY_F14", time.Second+time.Duration(utf8.RuneCountInString(want))*time.Second/20))
	h.next(t).answer <- want
	end := h.log.until(t, contains("utterance ", "release_to_text="))
	// Before it is read back, which copies.
	now := text(m.As(within(t, time.Minute), "alice", "timeout 20 wl-paste -n || true"))(t)
	_, outcome, _ := strings.Cut(end, "utterance ")
	outcome, _, _ = strings.Cut(outcome, " speech=")
	if now != held && !strings.Contains(end, "clipboard") {
		t.Errorf("the clipboard holds %q afterwards, and the outcome says nothing of it: %s", now, outcome)
	}
	got, same := "", 0
	for range 30 { // until it is right, or the same for five times
		now := p.read(t)
		if now == got {
			same++
		} else {
			got, same = now, 0
		}
		if got == want || same == 5 {
			break
		}
		pass(t, time.Second)
	}
	t.Logf("outcome: %s after %v", outcome, time.Since(began).Round(time.Second))
	sameText(t, got, want)
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
			_, err := m.Feed(within(t, time.Minute), "alice", "wl-copy -n >/dev/null 2>&1", strings.NewReader(nothing))
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
