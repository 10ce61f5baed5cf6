package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/whisper"
)

// checkRecognizers has each recognizer transcribe something, which tells more
// than its health: whether path, model and key are right. One of several that
// does not is a warning.
func (m *Machine) checkRecognizers(ctx context.Context) report.Finding {
	var bad []report.Finding
	var good []string
	for i := range m.cfg.Whisper {
		if f := m.checkRecognizer(ctx, m.cfg.Whisper[i]); f.State == report.OK {
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
		worst.State = report.Warning // another one answers
	}
	if len(m.cfg.Whisper) > 1 && strings.HasPrefix(worst.Fix, "vocoder config set whisper") {
		worst.Fix = "${EDITOR:-nano} " + m.file // it has a list, which is the user's to edit
	}
	return worst
}

func (m *Machine) checkRecognizer(ctx context.Context, w config.Whisper) report.Finding {
	h, took, err := recognition.Probe(ctx, m.env, m.cfg, w)
	refused, _ := errors.AsType[*whisper.Error](err)
	if err == nil || refused != nil && refused.Kind == whisper.NoLanguage {
		expected, f := m.checkLanguages(ctx, w, h, err != nil)
		if f.State != report.OK {
			return f
		}
		return report.Good("%s answers in the dialect %s, a tone in %v; %s", recognition.Place(w.URL), h.Dialect, took.Round(time.Millisecond), expected)
	}
	if e, is := errors.AsType[*config.Error](err); is {
		return report.Bad(report.Broken, m.fixKeyFile(w), "%v", e)
	}
	return report.Bad(report.Broken, m.fixRecognizer(ctx, w, err), "%v", err)
}

// fixRecognizer returns what mends an error of a recognizer. What it proposes
// for the settings was tried.
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
		for _, model := range []string{"", "whisper-1", "small", "base"} {
			if other.Model = model; model == w.Model {
				continue
			}
			if _, _, err := recognition.Probe(ctx, m.env, m.cfg, other); err == nil {
				return fmt.Sprintf("vocoder config set whisper.model %q", model)
			}
		}
		return "curl -s " + recognition.Origin(w.URL) + "/v1/models"
	case whisper.KeyRefused:
		return "vocoder config set whisper.key_file " + filepath.Join(filepath.Dir(m.file), "api-key")
	case whisper.Untrusted:
		return "vocoder config set whisper.ca_file " + filepath.Join(filepath.Dir(m.file), "ca.pem")
	case whisper.NotOurs:
		return "vocoder config set whisper_url unix:" + filepath.Join(m.runtime, "vocoder-engine.sock")
	}
	return m.startRecognizer(ctx, w)
}

// findAddress is for a server that answers, but not as the settings want it.
func (m *Machine) findAddress(ctx context.Context, w config.Whisper) string {
	other := w
	if other.Dialect = ""; w.Dialect != "" {
		if _, _, err := recognition.Probe(ctx, m.env, m.cfg, other); err == nil {
			return `vocoder config set whisper.dialect ""`
		}
	}
	if u, err := url.Parse(w.URL); err == nil && u.Host != "" {
		other.URL, other.Dialect = u.Scheme+"://"+u.Host, w.Dialect
		if _, _, err := recognition.Probe(ctx, m.env, m.cfg, other); err == nil {
			return "vocoder config set whisper_url " + other.URL
		}
	}
	return "vocoder setup"
}

// startRecognizer is the command for a recognizer that is not there or does not
// answer. Where the settings name none of this machine's engine but that
// answers, it is the one to take.
func (m *Machine) startRecognizer(ctx context.Context, w config.Whisper) string {
	if w.URL != m.engine.URL {
		if _, _, err := recognition.Probe(ctx, m.env, m.cfg, m.engine); err == nil {
			return "vocoder config set whisper_url " + m.engine.URL
		}
	}
	switch installed, masked := m.userUnit(systemd.EngineSocket); {
	case masked:
		return fmt.Sprintf("systemctl --user unmask %s && systemctl --user start %s", systemd.EngineSocket, systemd.EngineSocket)
	case installed:
		return "systemctl --user enable --now " + systemd.EngineSocket
	}
	if u, err := url.Parse(w.URL); err == nil && strings.HasPrefix(u.Scheme, "http") && u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost" {
		return "curl -v " + recognition.Origin(w.URL) + "/health"
	}
	return "vocoder-engine serve"
}

// fixKeyFile is for a file that the settings name and that cannot be used.
func (m *Machine) fixKeyFile(w config.Whisper) string {
	for _, file := range []string{w.KeyFile, w.CAFile} {
		if file == "" {
			continue
		}
		err := m.open(file, 0)
		if errors.Is(err, fs.ErrNotExist) {
			return "install -m 600 /dev/stdin " + file
		}
		if file == w.KeyFile {
			return "chmod 600 " + file
		}
	}
	return "${EDITOR:-nano} " + m.file
}
