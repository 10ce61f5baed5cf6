package models

import (
	"fmt"
	"strings"
	"testing"
)

// TestPropose is the table of what is proposed on which machine. A model is written with
// its role, and with + if it must be downloaded.
func TestPropose(t *testing.T) {
	const gb = int64(1e9)
	laptop := func(languages string) Machine {
		return Machine{Languages: strings.Fields(languages), Cores: 8, Memory: 16 * gb, Disk: 100 * gb}
	}
	with := func(m Machine, change func(*Machine)) Machine {
		change(&m)
		return m
	}
	base := func(m *Machine) { m.Installed = []string{Base} }
	for _, tt := range []struct {
		name string
		m    Machine
		want string
	}{
		{"English, nothing installed", laptop("en"), "+parakeet-tdt-0.6b-v2; smaller +canary-180m-flash"},
		{"German, nothing installed", laptop("de"), "+parakeet-tdt-0.6b-v3; smaller +canary-180m-flash"},
		{"German, base installed", with(laptop("de"), base), "whisper-base; better +parakeet-tdt-0.6b-v3"},
		{"Japanese, base installed", with(laptop("ja"), base), "whisper-base; better +sense-voice"},
		{"German and Japanese", with(laptop("de ja"), base), "whisper-base; better +whisper-small"},
		{"German and Polish", with(laptop("de pl"), base), "whisper-base; better +parakeet-tdt-0.6b-v3"},
		{"any language", with(laptop(""), base), "whisper-base; better +whisper-small"},
		{"any language, nothing installed", laptop(""), "+whisper-small; smaller +whisper-base"},
		{"any language, an English one installed", with(laptop(""), func(m *Machine) { m.Installed = []string{Default} }), "moonshine-tiny-en; better +whisper-small"},
		{"any language, both installed", with(laptop(""), func(m *Machine) { m.Installed = []string{Base, Default} }), "whisper-base; better +whisper-small"},
		{"any language, the English one is used", with(laptop(""), func(m *Machine) { m.Installed, m.Used = []string{Base, Default}, Default }), "moonshine-tiny-en; better +whisper-small"},
		{"no published figure", with(laptop("ka"), base), "whisper-base"},
		{"no model knows it", laptop("xx"), ""},
		{"the one that is used stays", with(laptop("en"), func(m *Machine) { m.Installed, m.Used = []string{Base, Default}, Default }),
			"moonshine-tiny-en; better +parakeet-tdt-0.6b-v2"},
		{"the one that is used does not know it", with(laptop("de"), func(m *Machine) { m.Installed, m.Used = []string{Base, Default}, Default }),
			"whisper-base; better +parakeet-tdt-0.6b-v3"},
		{"the best of the installed", with(laptop("en"), func(m *Machine) { m.Installed = []string{Base, Default} }),
			"whisper-base; better +parakeet-tdt-0.6b-v2; smaller moonshine-tiny-en"},
		{"two cores", with(laptop("de"), func(m *Machine) { m.Cores = 2 }), "+parakeet-tdt-0.6b-v3; smaller +canary-180m-flash"},
		{"two cores, Japanese", with(laptop("ja"), func(m *Machine) { m.Cores = 2 }), "+sense-voice; better +cohere-transcribe; smaller +whisper-base"},
		{"one core", with(laptop("de"), func(m *Machine) { m.Cores = 1 }), "+canary-180m-flash; better +parakeet-tdt-0.6b-v3"},
		{"one core, base installed", with(laptop("de"), func(m *Machine) { m.Cores, m.Installed = 1, []string{Base} }), "whisper-base; better +canary-180m-flash"},
		{"2 GB of memory", with(laptop("de"), func(m *Machine) { m.Memory = 2 * gb }), "+canary-180m-flash; smaller +whisper-base"},
		{"1 GB of memory, English", with(laptop("en"), func(m *Machine) { m.Memory = gb }), "+moonshine-tiny-en"},
		{"1 GB of memory, German", with(laptop("de"), func(m *Machine) { m.Memory = gb }), ""},
		{"Vietnamese", laptop("vi"), "+cohere-transcribe; smaller +whisper-small"},
		{"Vietnamese, 4 GB of memory", with(laptop("vi"), func(m *Machine) { m.Memory = 4 * gb }), "+whisper-small; smaller +whisper-base"},
		{"two languages, of which Canary cannot tell which is spoken", with(laptop("de en"), func(m *Machine) { m.Memory = 2 * gb }), "+whisper-small; smaller +whisper-base"},
		{"measured: the better one is too slow here", with(laptop("de"), func(m *Machine) {
			m.Installed, m.Measured = []string{Base}, map[string]Benchmark{"parakeet-tdt-0.6b-v3": {Pace: 1.2}}
		}), "whisper-base; better +canary-180m-flash"},
		{"measured: the installed one is too slow here", with(laptop("de"), func(m *Machine) {
			m.Installed, m.Measured = []string{Base}, map[string]Benchmark{Base: {Pace: 1.2}}
		}), "+parakeet-tdt-0.6b-v3; smaller +canary-180m-flash"},
		{"a full disk", with(laptop("de"), func(m *Machine) { m.Disk = 200e6 }), "+whisper-base"},
		{"a full disk, base installed", with(laptop("de"), func(m *Machine) { m.Disk, m.Installed = 0, []string{Base} }), "whisper-base"},
		{"the cores are not known", with(laptop("en"), func(m *Machine) { m.Cores = 0 }), "+canary-180m-flash; better +parakeet-tdt-0.6b-v2; smaller +moonshine-tiny-en"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range Propose(tt.m, Catalog()) {
				text := p.Name
				if p.Size > 0 {
					text = "+" + text
				}
				if p.Role != Proposed {
					text = p.Role + " " + text
				}
				got = append(got, text)
			}
			if s := strings.Join(got, "; "); s != tt.want {
				t.Errorf("%s\nwant %s", s, tt.want)
			}
		})
	}
}

// TestProposal checks what a proposal says of a model.
func TestProposal(t *testing.T) {
	m := Machine{Cores: 4, Memory: 16e9, Disk: 100e9}
	for _, tt := range []struct{ languages, want string }{
		{"de en", "parakeet-tdt-0.6b-v3, 670478772 bytes, 5.0 %, characters false, 0.19 s"},
		{"ja", "sense-voice, 239549735 bytes, 7.6 %, characters true, 0.09 s"},
		{"ja en", "sense-voice, 239549735 bytes, 7.4 %, characters false, 0.09 s"},
		{"", "whisper-small, 375485327 bytes, 0.0 %, characters false, 0.54 s"},
	} {
		m.Languages = strings.Fields(tt.languages)
		p := Propose(m, Catalog())[0]
		got := fmt.Sprintf("%s, %d bytes, %.1f %%, characters %v, %.2f s", p.Name, p.Size, p.Errors, p.Characters, p.Pace)
		if known, _ := inCatalog(p.Name); got != tt.want || p.Title != known.Title {
			t.Errorf("%s: %s %q\nwant %s", tt.languages, got, p.Title, tt.want)
		}
	}
}

// TestFigures checks that each figure is of a model of the catalog, and of its languages.
func TestFigures(t *testing.T) {
	for name, f := range figures {
		m, is := inCatalog(name)
		if !is || f.pace <= 0 {
			t.Errorf("%s: in the catalog %v, pace %v", name, is, f.pace)
		}
		for code, e := range f.errors {
			if !m.knows([]string{code}) || e <= 0 {
				t.Errorf("%s: language %s, %v %%", name, code, e)
			}
		}
	}
}
