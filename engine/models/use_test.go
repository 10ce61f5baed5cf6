package models

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestUse checks that the model that is named is preferred as long as it is complete, and
// that neither a broken model nor one that is too big is taken.
func TestUse(t *testing.T) {
	small(t)
	p := puller(t)
	newHub(t, &p)
	if err := p.Pull(t.Context(), "small", ""); err != nil {
		t.Fatal(err)
	}
	if m, is := p.Store.Preferred(); is {
		t.Errorf("%s is preferred before it is named", m.Name)
	}
	if _, err := p.Store.Use("small", 900e6); !errors.Is(err, ErrTooBig) || !strings.Contains(err.Error(), "0.4 GB") || !strings.Contains(err.Error(), "0.9 GB") {
		t.Errorf("on a small machine: %v", err)
	}
	if _, err := p.Store.Use("nope", 16e9); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	if name := p.Store.Used(); name != "" {
		t.Errorf("%s is used", name)
	}
	if m, err := p.Store.Use("small", 16e9); err != nil || m.Name != "small" {
		t.Fatal(err)
	}
	if m, is := p.Store.Preferred(); !is || m.Name != "small" {
		t.Errorf("%s, %v", m.Name, is)
	}
	writeFile(t, filepath.Join(p.Store.own("small"), "a-decoder.onnx"), []byte("broken"))
	if _, err := p.Store.Use("small", 16e9); !errors.Is(err, ErrBroken) {
		t.Errorf("a broken model: %v", err)
	}
	if m, is := p.Store.Preferred(); is {
		t.Errorf("%s is preferred although it is broken", m.Name)
	}
	for _, text := range []string{"", "../x\n", "\x00", strings.Repeat("a", 1000)} {
		writeFile(t, filepath.Join(p.Store.Dir, choiceFile), []byte(text))
		if name := p.Store.Used(); name != "" {
			t.Errorf("%q: %q is used", text, name)
		}
	}
}

// TestLimit checks that each model's limit is above what it needs, and that only large ones
// change the unit.
func TestLimit(t *testing.T) {
	for _, m := range Catalog() {
		if m.Limit() < m.Memory()+1<<30 || m.Limit() < usualLimit || m.Limit()%(256<<20) != 0 {
			t.Errorf("%s needs %d and may use %d", m.Name, m.Memory(), m.Limit())
		}
	}
	unit, err := os.ReadFile("../../packaging/vocoder-engine.service")
	if err != nil || !strings.Contains(string(unit), "\nMemoryMax=2G\n") || usualLimit != 2<<30 {
		t.Errorf("the shipped unit has another limit: %v", err)
	}
}

// TestWriteLimit checks that the drop-in is there only as long as a model needs it, and
// leaves other drop-ins alone.
func TestWriteLimit(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "systemd", "user")
	path := filepath.Join(folder, "vocoder-engine.service.d", "40-model.conf")
	base, _ := inCatalog(Base)
	turbo, _ := inCatalog("whisper-turbo")
	for _, tt := range []struct {
		name    string
		m       Model
		changed bool
		want    string // MemoryMax in the drop-in; empty: there is none
	}{
		{"a small model", base, false, ""},
		{"a large one", turbo, true, "MemoryMax=3584M\n"},
		{"the same", turbo, false, "MemoryMax=3584M\n"},
		{"the small one again", base, true, ""},
	} {
		changed, err := tt.m.WriteLimit(folder)
		if err != nil || changed != tt.changed {
			t.Errorf("%s: changed %v, %v", tt.name, changed, err)
		}
		b, err := os.ReadFile(path)
		if tt.want == "" && err == nil || tt.want != "" && !strings.HasSuffix(string(b), "[Service]\n"+tt.want) {
			t.Errorf("%s: %q", tt.name, b)
		}
	}
	if _, err := os.Stat(filepath.Dir(path)); err == nil {
		t.Error("an empty folder is left")
	}
	other := filepath.Join(filepath.Dir(path), "mine.conf")
	writeFile(t, other, []byte("[Service]\n"))
	if _, err := turbo.WriteLimit(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := base.WriteLimit(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}
