package main

import (
	"fmt"

	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/control"
)

// reportTrouble returns a function that prints what the recognizer says of itself, for
// the user alone.
func reportTrouble(a *cli) func(control.Part, error) {
	return func(part control.Part, err error) {
		if part == control.UserText && err != nil {
			fmt.Fprintln(a.Stderr, "vocoder: warning: "+err.Error()+"; the text is as it was")
		}
		if s := hint.Said(err); s != "" {
			fmt.Fprintln(a.Stderr, "vocoder: the recognizer said: "+s)
		}
		if s := hint.Details(err); s != "" {
			fmt.Fprintln(a.Stderr, "vocoder: in detail: "+s)
		}
	}
}
