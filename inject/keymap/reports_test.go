//go:build xkbcommon

package keymap

import (
	"testing"

	"github.com/arealicehole/vocoder/inject/keymap/internal/oracle"
)

// TestOracleReports types texts that users of other programs have reported as typed wrong
// (e2e/reports.md), with their layouts, locks and groups. libxkbcommon says what the strokes
// give.
func TestOracleReports(t *testing.T) {
	c := comparison{library: oracle.New()}
	c.readCompose(t)
	for _, tt := range []struct {
		layout, variant string
		group           int
		locks           Locks
		text            string
	}{
		{"us,ca", "", 0, Locks{}, "////"},
		{"us,ca", "", 1, Locks{}, "////`"},
		{"us,gr", "", 0, Locks{}, "/q/"},
		{"gb", "", 0, Locks{}, `te"st@~#`},
		{"us", "", 0, Locks{}, `te"st@`},
		{"us,gb", "", 1, Locks{}, `te"st@`},
		{"de", "", 0, Locks{}, "5`GgT-S%U~tG{H~XU?`^:$`~M"},
		{"de", "", 0, Locks{}, "5`GgT-S%U~tG{^"},
		{"de", "deadacute", 0, Locks{}, "5`GgT-S%U~tG{H~XU?`^:$`~M"},
		{"de", "nodeadkeys", 0, Locks{}, "5`GgT-S%U~tG{^"},
		{"de", "", 0, Locks{}, ":**:**:(("},
		{"de", "", 0, Locks{Caps: true}, ":**:**:(("},
		{"de", "", 0, Locks{}, "XYZ xyz @"},
		{"fr", "", 0, Locks{}, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
		{"fr", "", 0, Locks{Caps: true}, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
		{"fr", "oss", 0, Locks{}, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
		{"de", "", 0, Locks{}, "äöüÄÖÜß für"},
		{"at", "", 0, Locks{}, "äöüÄÖÜß"},
		{"ch", "", 0, Locks{}, "don't ask why"},
		{"ch", "fr", 0, Locks{}, "don't ask why"},
		{"fr", "", 0, Locks{}, "I'm talking in English; but the letters were a French keyboard's"},
		{"fr", "", 0, Locks{}, "ceci est un autre essai pour vérifier si la lettre é"},
		{"br", "", 0, Locks{}, "çÇ"},
		{"us", "intl", 0, Locks{}, `çÇ 'a "a ^a ~a`},
		{"pt", "", 0, Locks{}, "çÇ àÀ"},
		{"fr", "", 0, Locks{}, "aàÀ AàÀ"},
		{"se", "", 0, Locks{}, "áÁÅÄÀA"},
		{"tr", "", 0, Locks{}, "ÖÜĞŞ öüğş Iİıi"},
		{"tr", "f", 0, Locks{}, "ÖÜĞŞ öüğş Iİıi"},
		{"us,no", "", 1, Locks{}, "æøåÆØÅ"},
		{"us", "dvorak", 0, Locks{}, "it's q"},
		{"us", "dvorak-intl", 0, Locks{}, "it's q"},
	} {
		theirs, err := c.library.Compile(tt.layout, tt.variant, "")
		if err != nil {
			t.Fatalf("%s(%s): %v", tt.layout, tt.variant, err)
		}
		ours, err := Parse(theirs.Text())
		if err != nil {
			t.Fatal(err)
		}
		plan, err := ours.Table(tt.group, tt.locks, c.compose).Plan(tt.text)
		if err != nil {
			theirs.Free()
			if !tt.locks.Caps { // programs disagree on some letters under Caps Lock: the text is pasted
				t.Errorf("%s(%s): %v", tt.layout, tt.variant, err)
			}
			continue
		}
		keyboard, got := theirs.Keyboard(tt.group, tt.locks.Caps, tt.locks.Num, c.theirs), ""
		for _, char := range plan {
			got += typed(keyboard, char.Strokes)
		}
		if got != tt.text {
			t.Errorf("%s(%s): typed %q, want %q", tt.layout, tt.variant, got, tt.text)
		}
		keyboard.Free()
		theirs.Free()
	}
}
