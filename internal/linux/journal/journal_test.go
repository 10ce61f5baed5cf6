package journal

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/coreos/go-systemd/v22/journal"
)

// Field names are those that the journal accepts: a bad one would make it drop
// the message, and one with a line break would forge another field.
func TestFieldName(t *testing.T) {
	for in, want := range map[string]string{
		"err": "VOCODER_ERR", "release_to_text": "VOCODER_RELEASE_TO_TEXT", "a.b-c": "VOCODER_A_B_C",
		"": "", "a\nMESSAGE": "", "größe": "", "with space": "",
	} {
		if got := fieldName(in); got != want {
			t.Errorf("fieldName(%q) = %q, want %q", in, got, want)
		}
	}
}

// Without a journal the entries of the level and above are lines of text.
func TestWithoutJournal(t *testing.T) {
	t.Setenv("JOURNAL_STREAM", "")
	var out strings.Builder
	log := slog.New(NewHandler(slog.LevelInfo, &out))
	log.Debug("hidden")
	log.Info("started", "uid", 7)
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=INFO msg=started uid=7") {
		t.Errorf("got %q", got)
	}
}

func TestPriority(t *testing.T) {
	for in, want := range map[slog.Level]journal.Priority{
		slog.LevelDebug: journal.PriDebug, slog.LevelInfo: journal.PriInfo,
		slog.LevelWarn: journal.PriWarning, slog.LevelError: journal.PriErr,
	} {
		if got := priority(in); got != want {
			t.Errorf("%v has priority %d, want %d", in, got, want)
		}
	}
}
