package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/engine/internal/onnxtest"
	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/speech"
)

// bring puts a fake Whisper into a store.
func bring(t *testing.T, s models.Store, name string) {
	t.Helper()
	m := models.Model{Name: name}
	if err := os.MkdirAll(filepath.Join(s.Dir, name), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(file string, content []byte) {
		if err := os.WriteFile(filepath.Join(s.Dir, name, file), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for file, content := range map[string]string{"a-encoder.onnx": "garbage", "a-decoder.onnx": "garbage", "a-tokens.txt": "a 0\n"} {
		write(file, []byte(content))
		m.Files = append(m.Files, models.File{Name: file, Size: int64(len(content)), SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(content)))})
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	write("model.json", b)
}

// TestChoice checks that without a name the best installed model is served. If there was
// none, it is one that is installed later.
func TestChoice(t *testing.T) {
	s := models.Store{Dir: t.TempDir()}
	loaded := false
	choose := func(name string) *choice { return &choice{store: s, name: name, loaded: func() bool { return loaded }} }
	unnamed, named := choose(""), choose("mine")
	if m := unnamed.model(); m.Name != models.Default {
		t.Errorf("with none installed %s is missed", m.Name)
	}
	if m := named.model(); m.Name != "mine" || len(m.Files) > 0 || requirements(m) != (speech.Requirements{Again: true}) {
		t.Errorf("%+v", m)
	}
	bring(t, s, "mine")
	if m := unnamed.model(); m.Name != models.Default {
		t.Errorf("%s was not asked for", m.Name)
	}
	if m := named.model(); m.Kind != models.KindWhisper || strings.Join(m.Languages, " ") != "en" || !requirements(m).Invents {
		t.Errorf("%+v", m)
	}
	bring(t, s, models.Base)
	if m := unnamed.model(); m.Name != models.Base || len(m.Languages) != 99 {
		t.Errorf("%+v", m)
	}
	if m := named.model(); m.Name != "mine" {
		t.Errorf("%s", m.Name)
	}
	if m := choose(models.Default).model(); m.Name != models.Default {
		t.Errorf("%s instead of the one that was named", m.Name)
	}
	// A loaded model stays the same; what is served afterwards is what is there then.
	loaded = true
	if err := os.RemoveAll(s.Folder("mine")); err != nil {
		t.Fatal(err)
	}
	if m := named.model(); len(m.Files) == 0 || m.Kind != models.KindWhisper {
		t.Errorf("while it is loaded: %+v", m)
	}
	loaded = false
	if m := named.model(); m.Name != "mine" || len(m.Files) > 0 {
		t.Errorf("removed: %+v", m)
	}
	pullMade(t, s, onnxtest.CTC)
	if m := choose("made").model(); m.Kind != models.KindCTC {
		t.Errorf("%+v", m)
	}
}
