//go:build e2e

package e2e_test

import "testing"

// An application is a program that people dictate into.
type application struct {
	name    string // as in docs/applications.md
	start   string // opens a window with an empty text; empty: it is open
	window  string // part of its app_id or class
	places  func(*testing.T) []textPlace
	changes string // what the application does to typed text; empty: nothing
	app     string // its name in typing.applications, if changes is not empty
}

// A textPlace is a place in a window that text is typed into.
type textPlace struct {
	name  string
	few   bool // only the texts for every place are typed into it
	keys  bool // clear and read press keys of the Latin letters
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
	{name: "LibreOffice Writer", start: "env GDK_BACKEND=wayland SAL_USE_VCLPLUGIN=gtk3 soffice --norestore --nologo --writer ~/empty.txt", window: "libreoffice", places: editor,
		changes: "AutoCorrect changes quotation marks, dashes and more of what is typed", app: "libreoffice-writer"},
	{name: "GNOME Text Editor", start: "env GSK_RENDERER=cairo gnome-text-editor ~/empty.txt", window: "texteditor", places: editor},
	{name: "Mousepad", start: "mousepad ~/empty.txt", window: "mousepad", places: editor},
	{name: "Kate", start: "env QT_QPA_PLATFORM=wayland kate ~/empty.txt", window: "kate", places: editor,
		changes: "closes brackets and quotation marks that are typed", app: "org.kde.kate"},
	{name: "FeatherPad", start: "env QT_QPA_PLATFORM=wayland featherpad ~/empty.txt", window: "featherpad", places: editor},
	{name: "Emacs (X11)", start: "emacs -Q --eval '(setq inhibit-startup-screen t)' ~/empty.txt", window: "emacs", places: emacs},
}

const firefox = "firefox-esr --profile ~/firefox http://127.0.0.1:8080/"

const chromium = "--disable-gpu --no-first-run --no-default-browser-check --disable-background-networking --disable-component-update --password-store=basic --user-data-dir=/home/alice/chromium http://127.0.0.1:8080/"

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
user_pref("mail.shell.checkDefaultClient", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("mailnews.start_page.enabled", false);
END
mkdir -p ~/.config/libreoffice/4/user
cat > ~/.config/libreoffice/4/user/registrymodifications.xcu <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="ShowTipOfTheDay" oor:op="fuse"><value>false</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="FirstRun" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
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
