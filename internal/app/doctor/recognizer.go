package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/printable"
	"github.com/arealicehole/vocoder/whisper"
)

// checkRecognizers sends a tone to each recognizer. The answer shows whether path,
// model and key are right, which a health check does not. If at least one recognizer
// works, the finding is only a warning.
func (m *Machine) checkRecognizers(ctx context.Context) report.Finding {
	var bad []report.Finding
	var good []string
	for _, w := range m.cfg.Whisper {
		if f := m.checkRecognizer(ctx, w); f.State == report.OK {
			good = append(good, f.Text)
		} else {
			bad = append(bad, f)
		}
	}
	if len(bad) == 0 {
		return report.Good("%s", strings.Join(good, "; "))
	}
	worst := slices.MaxFunc(bad, func(a, b report.Finding) int { return cmp.Compare(a.State, b.State) })
	if len(bad) < len(m.cfg.Whisper) || slices.ContainsFunc(bad, func(f report.Finding) bool { return f.State == report.Warning }) {
		worst.State = report.Warning // the other recognizers answer
	}
	if len(m.cfg.Whisper) > 1 && strings.HasPrefix(worst.Fix, "vocoder config set whisper") {
		worst.Fix = m.editSettings() // the command cannot change one of a list
	}
	return worst
}

// checkRecognizer examines one recognizer.
func (m *Machine) checkRecognizer(ctx context.Context, w config.Whisper) report.Finding {
	h, took, err := recognition.Probe(ctx, m.env, m.cfg, w)
	refused, _ := errors.AsType[*whisper.Error](err)
	if err == nil || refused != nil && refused.Kind == whisper.NoLanguage {
		expected, f := m.checkLanguages(ctx, w, h, err != nil)
		if f.State != report.OK {
			return f
		}
		measured := ""
		if h.Dialect == whisper.Vocoder && len(h.Languages) > 0 && isLocal(w.URL) { // only vocoder-engine lists languages
			measured = m.benchmarks()
		}
		return report.Good("%s answers in the dialect %s, a tone in %v; %s%s", recognition.Place(w.URL), h.Dialect, took.Round(time.Millisecond), expected, measured)
	}
	if e, is := errors.AsType[*config.Error](err); is {
		return report.Bad(report.Broken, m.fixKeyFile(w), "%v", e)
	}
	return report.Bad(report.Broken, m.fixRecognizer(ctx, w, err), "%v", err)
}

// benchmarks returns what `vocoder-engine models bench` measured on this machine, or
// nothing. Source: engine/models/bench.go.
func (m *Machine) benchmarks() (text string) {
	data := m.env.Var("XDG_DATA_HOME")
	if !filepath.IsAbs(data) {
		data = filepath.Join(m.env.Var("HOME"), ".local", "share")
	}
	var all map[string]struct {
		Pace float64 `json:"pace"`
	}
	b, err := atomicfile.ReadUpTo(m.at(filepath.Join(data, "vocoder", "models", "bench.json")), 64<<10)
	if err != nil || json.Unmarshal(b, &all) != nil {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if all[name].Pace > 0 {
			text += fmt.Sprintf("; %s was measured at %.2f s for a second of speech", printable.Line(name, 64), all[name].Pace)
		}
	}
	return text
}

// works reports whether a recognizer answers with these settings.
func (m *Machine) works(ctx context.Context, w config.Whisper) bool {
	_, _, err := recognition.Probe(ctx, m.env, m.cfg, w)
	return err == nil
}

// fixRecognizer returns the command that fixes an error of a recognizer. It proposes
// other settings only if the recognizer works with them.
func (m *Machine) fixRecognizer(ctx context.Context, w config.Whisper, err error) string {
	e, is := errors.AsType[*whisper.Error](err)
	if !is {
		return "vocoder config check"
	}
	switch e.Kind {
	case whisper.WrongPath, whisper.Rejected, whisper.Garbled, whisper.Redirected:
		return m.findAddress(ctx, w)
	case whisper.NoModel:
		other := w
		for _, other.Model = range []string{"", "whisper-1", "small", "base"} {
			if other.Model != w.Model && m.works(ctx, other) {
				return fmt.Sprintf("vocoder config set whisper.model %q", other.Model)
			}
		}
		return "curl -s " + recognition.Origin(w.URL) + "/v1/models"
	case whisper.KeyRefused:
		return "vocoder config set whisper.key_file " + filepath.Join(filepath.Dir(m.file), "api-key")
	case whisper.Untrusted:
		return "vocoder config set whisper.ca_file " + filepath.Join(filepath.Dir(m.file), "ca.pem")
	case whisper.NotOurs:
		return "vocoder config set whisper_url unix:" + filepath.Join(m.env.RuntimeDir(), "vocoder-engine.sock")
	}
	return m.startRecognizer(ctx, w)
}

// findAddress returns the command that sets the right address of a server that answers,
// but not as the settings expect.
func (m *Machine) findAddress(ctx context.Context, w config.Whisper) string {
	other := w
	if other.Dialect = ""; w.Dialect != "" && m.works(ctx, other) {
		return `vocoder config set whisper.dialect ""`
	}
	if u, err := url.Parse(w.URL); err == nil && u.Host != "" {
		other.URL, other.Dialect = u.Scheme+"://"+u.Host, w.Dialect
		if m.works(ctx, other) {
			return "vocoder config set whisper_url " + other.URL
		}
	}
	return "vocoder setup"
}

// startRecognizer returns the command for a recognizer that does not answer. If
// vocoder-engine answers on this machine instead, the command sets its address.
func (m *Machine) startRecognizer(ctx context.Context, w config.Whisper) string {
	if w.URL != m.engine.URL && m.works(ctx, m.engine) {
		return "vocoder config set whisper_url " + m.engine.URL
	}
	switch installed, masked := m.userUnit(systemd.EngineSocket); {
	case masked:
		return unmask(systemd.EngineSocket)
	case installed:
		return "systemctl --user enable --now " + systemd.EngineSocket
	}
	if strings.HasPrefix(w.URL, "http") && !isLocal(w.URL) {
		return "curl -v " + recognition.Origin(w.URL) + "/health"
	}
	return "vocoder-engine serve"
}

// fixKeyFile returns the command that fixes a file that the settings name: the API key,
// which must be private, or the certificate to trust.
func (m *Machine) fixKeyFile(w config.Whisper) string {
	for _, file := range []string{w.KeyFile, w.CAFile} {
		if file == "" {
			continue
		}
		err := m.open(file, 0)
		if errors.Is(err, fs.ErrNotExist) {
			return "install -m 600 /dev/stdin " + quote(file)
		}
		if file == w.KeyFile {
			return "chmod 600 " + quote(file)
		}
	}
	return m.editSettings()
}
