package desktop

import (
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/language"
)

// registry is where xkeyboard-config(7) describes each layout.
const registry = "usr/share/X11/xkb/rules/evdev.xml"

// layouts are the layouts and variants of a registry.
type layouts struct {
	names     map[string]string   // of layouts such as "us+dvorak", as groups have them in a keymap
	languages map[string][]string // the codes of those that a layout is made for, by its name
}

// registries have every registry that was read, once.
var registries sync.Map // of func() (layouts, error), by the file

// Languages returns the codes of the languages that the layout in effect is made
// for, of those that Whisper knows, the most usual first. root is the folder of
// /usr/share; empty for /. It is an error if the layout is not known, or made for
// none.
func (s State) Languages(root string) ([]string, error) {
	if s.Group == keymap.AllGroups {
		return nil, errors.New("the layout in effect is not known")
	}
	groups, err := s.GroupLanguages(root)
	switch {
	case err != nil:
		return nil, err
	case s.Group >= len(groups):
		return nil, errors.New("the layout in effect is not known")
	case len(groups[s.Group]) == 0:
		return nil, fmt.Errorf("layout %q is made for no language", s.Map.Groups()[s.Group])
	}
	return groups[s.Group], nil
}

// GroupLanguages is Languages for every layout that is set up, in their order. It has
// none for a layout that is not known or made for none.
func (s State) GroupLanguages(root string) ([][]string, error) {
	if s.Map == nil {
		return nil, errors.New("the layouts are not known")
	}
	all, err := registered(root)
	if err != nil {
		return nil, err
	}
	var groups [][]string
	for _, name := range s.Map.Groups() {
		groups = append(groups, slices.Clone(all.languages[name]))
	}
	return groups, nil
}

// registered returns the layouts of the registry below root.
func registered(root string) (layouts, error) {
	file := rooted(root, registry)
	read, _ := registries.LoadOrStore(file, sync.OnceValues(func() (layouts, error) {
		text, err := os.ReadFile(file)
		if err != nil {
			return layouts{}, err
		}
		return parseLayouts(text)
	}))
	return read.(func() (layouts, error))()
}

// A configItem of the registry is a layout or a variant of one. Source: xkb.dtd
// in the same directory.
type configItem struct {
	ID        string   `xml:"configItem>name"`
	Name      string   `xml:"configItem>description"`
	Languages []string `xml:"configItem>languageList>iso639Id"`
}

func parseLayouts(text []byte) (layouts, error) {
	var list struct {
		Layouts []struct {
			configItem
			Variants []configItem `xml:"variantList>variant"`
		} `xml:"layoutList>layout"`
	}
	if err := xml.Unmarshal(text, &list); err != nil {
		return layouts{}, fmt.Errorf("read layouts: %w", err)
	}
	all := layouts{names: map[string]string{}, languages: map[string][]string{}}
	for _, l := range list.Layouts {
		own := codes(l.Languages)
		all.names[l.ID], all.languages[l.Name] = l.Name, own
		for _, v := range l.Variants {
			all.names[l.ID+"+"+v.ID] = v.Name
			if all.languages[v.Name] = codes(v.Languages); len(v.Languages) == 0 {
				all.languages[v.Name] = own
			}
		}
	}
	return all, nil
}

// codes returns the languages of ISO 639-3 that Whisper knows.
func codes(names []string) (all []string) {
	for _, name := range names {
		code, err := language.Parse(name)
		if err == nil && language.InWhisper(code) && !slices.Contains(all, code) {
			all = append(all, code)
		}
	}
	return all
}
