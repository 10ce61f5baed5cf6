package main

import (
	"testing"

	"github.com/arealicehole/vocoder/internal/test/help"
)

func TestHelp(t *testing.T) { help.Check(t, (&cli{}).command(), 14) }
