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

// An expected is the languages in which a recognizer is asked, and where they
// are known from.
type expected struct {
	choice language.Choice
	from   string // where from, with a comma before
}

func (e expected) String() string { return orNames(e.choice.Known()) + " is expected" + e.from }

// orNames names languages of which it is one.
func orNames(codes []string) string {
	if len(codes) == 0 {
		return "any language"
	}
	return strings.ReplaceAll(language.Names(codes), ", ", " or ")
}

// expects returns in which languages a recognizer is asked. What the daemon says
// counts for more than the settings: its locale may be another one, and vocoderctl
// may have changed them.
func (m *Machine) expectation(ctx context.Context, w config.Whisper) expected {
	here := m.resolve(ctx, w.Language)
	if w.Language != m.cfg.Whisper[0].Language {
		return here // the daemon tells of the first recognizer
	}
	s, err := m.daemon(ctx)
	if err != nil || s.Language == "" {
		return here
	}
	if s.Language == config.FromLayout {
		if w.Language == config.FromLayout {
			return here
		}
		there := m.resolve(ctx, config.FromLayout)
		there.from += ", says the daemon, though the settings say " + w.Language
		return there
	}
	there, err := language.ParseChoice(s.Language)
	if err != nil || there.String() == here.choice.String() {
		return here
	}
	e := expected{there, ", says the daemon, though the settings say " + w.Language}
	if w.Language == config.FromLocale {
		e.from = ", says the daemon, though the locale of this terminal says " + orNames(here.choice.Known())
	}
	return e
}

// resolve returns what a setting expects here and now.
func (m *Machine) resolve(ctx context.Context, setting string) expected {
	switch setting {
	case config.FromLocale:
		c := language.OfLocale(m.env.Lookup)
		if len(c.Known()) == 0 {
			return expected{c, ", as the locale names none"}
		}
		return expected{c, ", the language of the locale"}
	case config.FromLayout:
		c := language.Unknown
		if s, err := m.layout(ctx); err == nil {
			if codes, err := s.Languages(m.root); err == nil {
				c.Codes = codes
			}
		}
		if len(c.Known()) == 0 {
			return expected{c, ", as the keyboard layout tells none"}
		}
		return expected{c, ", the language of the keyboard layout"}
	}
	return expected{recognition.Languages(m.env, setting), ", as whisper.language says"}
}

// checkLanguages judges what a recognizer that answers knows of the languages that
// are expected of it, those of the bindings among them. Refused says that it gave
// an error for one.
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
	mend, more := m.fixLanguage(ctx, w, h, lacks)
	f = report.Bad(report.Warning, mend, "%s %s; %s%s", recognition.Place(w.URL), knows, e, more)
	if refused {
		f.State = report.Broken
	}
	return "", f
}

// fixLanguage is the command for a recognizer that does not know some languages,
// and what else is to be said of it. What it proposes for the settings was tried.
func (m *Machine) fixLanguage(ctx context.Context, w config.Whisper, h whisper.Health, lacks []string) (mend, more string) {
	if !slices.ContainsFunc(lacks, language.InWhisper) {
		return "vocoder config set whisper.language auto", "; Whisper does not know it either"
	}
	if h.Dialect == whisper.Vocoder && len(h.Languages) > 0 && isLocal(w.URL) { // which only vocoder-engine names
		mend = "vocoder-engine models pull " + recognition.WhisperBase
		if installed, masked := m.userUnit(systemd.EngineService); installed && !masked {
			return mend + " && systemctl --user restart " + systemd.EngineService, ""
		}
		return mend, "; fetch the model " + recognition.WhisperBase + " and start vocoder-engine anew"
	}
	if model, is := withoutEnglish(w.Model); is {
		other := w
		other.Model = model
		if _, _, err := recognition.Probe(ctx, m.env, m.cfg, other); err == nil {
			return fmt.Sprintf("vocoder config set whisper.model %q", model), ""
		}
	}
	more = "; have it load a model for more languages, the one without .en in its name"
	if installed, _ := m.userUnit(systemd.EngineSocket); installed || !strings.HasPrefix(w.URL, "http") {
		return "vocoder setup", more + ", or take another"
	}
	return "curl -s " + recognition.Origin(w.URL) + "/v1/models", more
}

// withoutEnglish returns the name of the model for many languages, if there is
// one to the name of an English one.
func withoutEnglish(model string) (string, bool) {
	for _, end := range []string{".en", "-en"} {
		if name, is := strings.CutSuffix(model, end); is && !strings.Contains(name, "moonshine") {
			return name, true
		}
	}
	return "", false
}

// isLocal reports whether an address is on this machine.
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
