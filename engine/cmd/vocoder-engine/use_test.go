package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
)

// run runs one command line on a store, and returns what it prints.
func runCommand(t *testing.T, s models.Store, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	c := command()
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(append(args, "--models", s.Dir))
	err := c.ExecuteContext(t.Context())
	return out.String(), err
}

// TestUseServes checks that the model that use names is the one that serve takes.
func TestUseServes(t *testing.T) {
	s := models.Store{Dir: t.TempDir()}
	bring(t, s, "mine")
	bring(t, s, models.Base)
	if m := (&choice{store: s}).model(); m.Name != models.Base {
		t.Errorf("%s is served before", m.Name)
	}
	if out, err := runCommand(t, s, "models", "use", "mine"); err != nil || out != "mine is used from now on: "+filepath.Join(s.Dir, "mine")+"\n" {
		t.Fatalf("%v: %s", err, out)
	}
	if m := (&choice{store: s}).model(); m.Name != "mine" {
		t.Errorf("%s is served", m.Name)
	}
	if out, err := runCommand(t, s, "models", "list"); err != nil || !strings.Contains(out, filepath.Join(s.Dir, "mine")+" (checksums recorded) (used)\n") {
		t.Errorf("%v: %s", err, out)
	}
	if err := os.RemoveAll(filepath.Join(s.Dir, "mine")); err != nil {
		t.Fatal(err)
	}
	if m := (&choice{store: s}).model(); m.Name != models.Base {
		t.Errorf("%s is served when the one that was named is gone", m.Name)
	}
}

// TestWithoutName: a model that is installed needs no name, whichever it is. The list says
// "used" of the same one.
func TestWithoutName(t *testing.T) {
	s := models.Store{Dir: t.TempDir()}
	bring(t, s, models.Base)
	if out, err := runCommand(t, s, "models", "verify"); err != nil || !strings.HasPrefix(out, models.Base+" is complete: ") {
		t.Errorf("%v: %s", err, out)
	}
	out, err := runCommand(t, s, "models", "list")
	if n := strings.Count(out, "checksums"); err != nil || n != 1 || !strings.Contains(out, " (checksums recorded) (used)\n") {
		t.Errorf("%v: %d rows name checksums: %s", err, n, out)
	}
}

// TestFollowModel checks that the memory limit of the unit follows the model, also on a
// machine without a service manager.
func TestFollowModel(t *testing.T) {
	home := t.TempDir()
	env := environ.Env{Lookup: func(name string) (string, bool) {
		v, is := map[string]string{"HOME": home, "XDG_RUNTIME_DIR": filepath.Join(home, "run")}[name]
		return v, is
	}}
	m, err := (models.Store{Dir: home}).Lookup("whisper-turbo")
	if err != nil {
		t.Fatal(err)
	}
	if err := followModel(context.Background(), m, env); !errors.Is(err, systemd.ErrNoManager) {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(home, ".config/systemd/user/vocoder-engine.service.d/40-model.conf"))
	if err != nil || !strings.Contains(string(b), "\nMemoryMax=3584M\n") {
		t.Errorf("%v: %s", err, b)
	}
}

// TestProposeJSON checks what setup reads.
func TestProposeJSON(t *testing.T) {
	s := models.Store{Dir: t.TempDir()}
	bring(t, s, models.Base)
	out, err := runCommand(t, s, "models", "propose", "--json", "--language", "de, English")
	if err != nil {
		t.Fatal(err)
	}
	var all []models.Proposal
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) == 0 || all[0].Name != models.Base || all[0].Size != 0 || all[0].Role != models.Proposed {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := runCommand(t, s, "models", "propose", "--json", "--language", "d1!"); err == nil || !strings.Contains(err.Error(), "d1!") {
		t.Errorf("%v: %s", err, out)
	}
}
