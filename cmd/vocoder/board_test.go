package main

import (
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/control"
)

// The status line says what is done now, or else what is waited for.
func TestBoard(t *testing.T) {
	var got []string
	b := board{key: "KEY_F13", show: func(line string, _ control.Status) {
		if len(got) == 0 || got[len(got)-1] != line {
			got = append(got, line)
		}
	}}
	b.lack("key", "")
	b.lack("microphone", "waiting for the sound server")
	b.lack("microphone", "waiting for the sound server") // nothing new
	b.lack("microphone", "")
	b.lack("keyboard", "")
	b.dictation(dictate.Status{Recording: true})
	b.dictation(dictate.Status{Waiting: 1})
	b.lack("recogniser", "recogniser: nobody listens there")
	b.dictation(dictate.Status{Kept: 1})
	b.session("locked")
	b.session("")
	b.lack("recogniser", "")
	want := []string{
		"starting",
		"waiting for the sound server",
		"starting",
		"ready: hold KEY_F13 and speak",
		"listening",
		"working on what was said",
		"working on what was said; recogniser: nobody listens there",
		"recogniser: nobody listens there; 1 kept to be retried",
		"recogniser: nobody listens there; paused: session locked; 1 kept to be retried",
		"recogniser: nobody listens there; 1 kept to be retried",
		"ready: hold KEY_F13 and speak; 1 kept to be retried",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestBoardKnows(t *testing.T) {
	var b board
	if b.known("key") || !b.well("key") {
		t.Error("a part that said nothing is known, or not well")
	}
	b.lack("key", "missing")
	if !b.known("key") || b.well("key") {
		t.Error("a part that lacks something is not known, or well")
	}
}
