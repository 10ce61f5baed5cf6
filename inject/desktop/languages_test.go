package desktop

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// A registry as xkeyboard-config has it, with few layouts.
const someLayouts = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE xkbConfigRegistry SYSTEM "xkb.dtd">
<xkbConfigRegistry version="1.1">
  <modelList><model><configItem><name>pc105</name><description>Generic 105-key PC</description></configItem></model></modelList>
  <layoutList>
    <layout>
      <configItem><name>us</name><shortDescription>en</shortDescription><description>English (US)</description>
        <languageList><iso639Id>eng</iso639Id></languageList></configItem>
      <variantList>
        <variant><configItem><name>intl</name><description>English (US, intl., with dead keys)</description></configItem></variant>
        <variant><configItem><name>rus</name><description>Russian (US, phonetic)</description>
          <languageList><iso639Id>rus</iso639Id></languageList></configItem></variant>
      </variantList>
    </layout>
    <layout>
      <configItem><name>ch</name><description>German (Switzerland)</description>
        <languageList><iso639Id>ger</iso639Id><iso639Id>gsw</iso639Id></languageList></configItem>
    </layout>
    <layout>
      <configItem><name>be</name><description>Belgian</description>
        <languageList><iso639Id>deu</iso639Id><iso639Id>nld</iso639Id><iso639Id>fra</iso639Id></languageList></configItem>
    </layout>
    <layout><configItem><name>brai</name><description>Braille</description></configItem></layout>
  </layoutList>
</xkbConfigRegistry>
`

func TestLanguages(t *testing.T) {
	root := t.TempDir()
	write(t, someLayouts, root, registry)
	names := []string{"English (US)", "English (US, intl., with dead keys)", "Russian (US, phonetic)", "German (Switzerland)"}
	m, err := keymap.Parse(symbols(names...))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"en", "en", "ru", "de"} {
		got, err := State{Map: m, Group: i}.Languages(root)
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %v, %v, want %s", names[i], got, err, want)
		}
	}
	m, err = keymap.Parse(symbols("Belgian", "Braille", "A user-defined custom Layout"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := (State{Map: m, Group: 0}).Languages(root); err != nil || !slices.Equal(got, []string{"de", "nl", "fr"}) {
		t.Errorf("of several languages: %v, %v", got, err)
	}
	all, err := State{Map: m, Group: keymap.AllGroups}.GroupLanguages(root)
	if want := [][]string{{"de", "nl", "fr"}, nil, nil}; err != nil || !reflect.DeepEqual(all, want) {
		t.Errorf("of all groups: %v, %v, want %v", all, err, want)
	}
	if all, err := (State{}).GroupLanguages(root); err == nil {
		t.Errorf("of no groups: %v", all)
	}
	for _, s := range []State{{}, {Map: m, Group: keymap.AllGroups}, {Map: m, Group: 1}, {Map: m, Group: 2}, {Map: m, Group: 3}} {
		if got, err := s.Languages(root); err == nil {
			t.Errorf("group %d: %v, want an error", s.Group, got)
		}
	}
	if got, err := (State{Map: m, Group: 0}).Languages(t.TempDir()); err == nil {
		t.Errorf("without a registry: %v", got)
	}
}

func FuzzRegistry(f *testing.F) {
	f.Add(someLayouts)
	f.Add("<xkbConfigRegistry>")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := parseLayouts([]byte(text))
		if err != nil {
			return
		}
		for name, codes := range all.languages {
			for _, code := range codes {
				if len(code) < 2 || len(code) > 3 {
					t.Errorf("%q is made for %q", name, code)
				}
			}
		}
	})
}
