package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// An entry is the journal's entry about the end of a dictation, by field.
type entry map[string]string

// The durations that the daemon logs about a dictation, and their names in the output.
var stages = []struct{ label, field string }{
	{"speech recorded", "VOCODER_SPEECH"},
	{"tail", "VOCODER_TAIL"},
	{"recogniser", "VOCODER_RECOGNISER"},
	{"typing", "VOCODER_TYPING"},
	{"release to text", "VOCODER_RELEASE_TO_TEXT"},
}

func (e entry) message() string {
	message, _, _ := strings.Cut(e["MESSAGE"], " utterance=")
	return message
}

// duration returns the duration of a stage, rounded to a millisecond.
func (e entry) duration(field string) string {
	d, err := time.ParseDuration(e[field])
	if err != nil {
		return e[field] // not a duration
	}
	return d.Round(time.Millisecond).String()
}

// awaitEnd returns the journal's entry about the end of the dictation after the first so
// many. If ctx ends before, it returns the context's cause.
func (s *show) awaitEnd(ctx context.Context, others int) (entry, error) {
	// Names of the fields: systemd.journal-fields(7).
	journal, err := s.m.Follow(ctx, "root", "exec journalctl -f -n all -o json _SYSTEMD_USER_UNIT=vocoder.service")
	if err != nil {
		return nil, err
	}
	defer journal.Close()
	for lines := json.NewDecoder(journal); ; {
		var fields map[string]any // a text, or bytes if the value is not a text
		if err := lines.Decode(&fields); err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return nil, fmt.Errorf("wait for the end of the dictation: %w", err)
		}
		e := entry{}
		for name, value := range fields {
			if text, ok := value.(string); ok {
				e[name] = text
			}
		}
		switch {
		case !strings.HasPrefix(e["MESSAGE"], "utterance "):
		case others > 0:
			others--
		case strings.HasPrefix(e["MESSAGE"], "utterance typed"):
			return e, nil
		default:
			return nil, errors.New("nothing was typed: " + e["MESSAGE"])
		}
	}
}
