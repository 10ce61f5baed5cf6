package doctor

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/whisper"
)

// An expected is the languages that the daemon expects of a recognizer.
type expected struct {
	choice language.Choice
	from   string // where they are known from: part of a sentence, with its comma
}

func (e expected) String() string { return orNames(e.choice.Known()) + " is expected" + e.from }

// orNames returns the names of languages, with "or" between them.
func orNames(codes []string) string {
	if len(codes) == 0 {
		return "any language"
	}
	return strings.ReplaceAll(language.Names(codes), ", ", " or ")
}

// expectation returns the languages that the daemon expects of a recognizer. What the
// daemon reports wins over the settings: its locale can be different, and vocoderctl may
// have changed the language.
func (m *Machine) expectation(ctx context.Context, w config.Whisper) expected {
	here := m.resolve(ctx, w.Language)
	if w.Language != m.cfg.Whisper[0].Language {
		return here // the daemon reports the language of the first recognizer
	}
	s, err := m.daemon(ctx)
	if err != nil || s.Language == "" || s.Language == w.Language {
		return here
	}
	from := ", says the daemon, though the settings say " + w.Language
	if s.Language == config.FromLayout {
		there := m.resolve(ctx, config.FromLayout)
		return expected{there.choice, there.from + from}
	}
	there, err := language.ParseChoice(s.Language)
	if err != nil || there.String() == here.choice.String() {
		return here
	}
	if w.Language == config.FromLocale {
		from = ", says the daemon, though the locale of this terminal says " + orNames(here.choice.Known())
	}
	return expected{there, from}
}

// resolve returns the languages that a setting means now, in this terminal.
func (m *Machine) resolve(ctx context.Context, setting string) expected {
	c := recognition.Keyboard{InEffect: m.layoutLanguage, All: m.layoutLanguages}.Languages(ctx, m.env, setting)
	switch known := len(c.Known()) > 0; {
	case setting == config.FromLocale && !known:
		return expected{c, ", as the locale names none"}
	case setting == config.FromLocale && c.String() != language.OfLocale(m.env.Lookup).String():
		return expected{c, ", the languages of the locale and of the keyboard layouts"}
	case setting == config.FromLocale:
		return expected{c, ", the language of the locale"}
	case setting == config.FromLayout && !known:
		return expected{c, ", as the keyboard layout tells none"}
	case setting == config.FromLayout:
		return expected{c, ", the language of the keyboard layout"}
	}
	return expected{c, ", as whisper.language says"}
}

// layoutLanguage returns the languages of the keyboard layout in effect.
func (m *Machine) layoutLanguage(ctx context.Context) language.Choice {
	c := language.Unknown
	if s, err := m.layout(ctx); err == nil {
		if codes, err := s.Languages(m.root); err == nil {
			c.Codes = codes
		}
	}
	return c
}

// layoutLanguages returns the languages of each keyboard layout, or none if they are not
// known.
func (m *Machine) layoutLanguages(ctx context.Context) [][]string {
	s, err := m.layout(ctx)
	if err != nil {
		return nil
	}
	groups, err := s.GroupLanguages(m.root)
	if err != nil {
		return nil
	}
	return groups
}

// checkLanguages examines whether a recognizer that answers knows the expected
// languages, with those of the bindings. If it does, says names them. refused says that
// the recognizer refused the language of the probe.
func (m *Machine) checkLanguages(ctx context.Context, w config.Whisper, h whisper.Health, refused bool) (says string, f report.Finding) {
	e := m.expectation(ctx, w)
	codes := slices.Clone(e.choice.Known())
	for _, b := range m.cfg.Bindings {
		if b.Language != "" {
			codes = append(codes, m.resolve(ctx, b.Language).choice.Known()...)
		}
	}
	slices.Sort(codes)
	lacks := h.Lacks(slices.Compact(codes))
	if refused && len(lacks) == 0 {
		lacks = recognition.Languages(m.env, w.Language).Known()
	}
	if len(lacks) == 0 {
		return e.String(), report.Finding{}
	}
	knows := "does not know " + language.Names(lacks)
	switch {
	case len(h.Languages) > 0 && len(h.Languages) <= 5:
		knows += ", only " + language.Names(h.Languages)
	case len(h.Languages) == 0 && len(h.Models) > 0 && !refused:
		knows += ", only English, by the name of its model"
	}
	fix, more := m.fixLanguage(ctx, w, h, lacks)
	f = report.Bad(report.Warning, fix, "%s %s; %s%s", recognition.Place(w.URL), knows, e, more)
	if refused {
		f.State = report.Broken
	}
	return "", f
}

// fixLanguage returns the command that fixes a recognizer that does not know some
// languages, and the end of the finding's text. It proposes another model only if the
// recognizer works with that.
func (m *Machine) fixLanguage(ctx context.Context, w config.Whisper, h whisper.Health, lacks []string) (fix, more string) {
	if !slices.ContainsFunc(lacks, language.InWhisper) {
		return "vocoder config set whisper.language auto", "; Whisper does not know it either"
	}
	if h.Dialect == whisper.Vocoder && len(h.Languages) > 0 && isLocal(w.URL) { // only vocoder-engine lists languages
		fix = "vocoder-engine models pull " + recognition.WhisperBase + " && vocoder-engine models use " + recognition.WhisperBase
		if installed, masked := m.userUnit(systemd.EngineService); installed && !masked { // use restarts it
			return fix, ""
		}
		return fix, "; then start vocoder-engine again"
	}
	other := w
	var is bool
	if other.Model, is = withoutEnglish(w.Model); is && m.works(ctx, other) {
		return fmt.Sprintf("vocoder config set whisper.model %q", other.Model), ""
	}
	more = "; have it load a model for more languages, the one without .en in its name"
	if installed, _ := m.userUnit(systemd.EngineSocket); installed || !strings.HasPrefix(w.URL, "http") {
		return "vocoder setup", more + ", or take another"
	}
	return "curl -s " + recognition.Origin(w.URL) + "/v1/models", more
}

// withoutEnglish returns the name of the model for many languages that belongs to the
// name of an English model. It reports whether model is such a name.
func withoutEnglish(model string) (string, bool) {
	for _, end := range []string{".en", "-en"} {
		if name, is := strings.CutSuffix(model, end); is && !strings.Contains(name, "moonshine") {
			return name, true
		}
	}
	return "", false
}

// isLocal reports whether the address of a recognizer is on this machine.
func isLocal(address string) bool {
	if strings.HasPrefix(address, "unix:") {
		return true
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
