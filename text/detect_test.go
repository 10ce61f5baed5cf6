package text

import "testing"

// conference is what a Spanish speaker said, as recognizers write it in several
// languages.
var conference = map[string]string{
	"es": "Por el momento usted es la única persona en la conferencia.",
	"ca": "Per el moment, ho estic a l'única persona en la conferència.",
	"pt": "Por enquanto você é a única pessoa na conferência.",
	"ru": "На данный момент вы единственный участник конференции.",
}

func TestLikeliest(t *testing.T) {
	for _, tt := range []struct {
		text  string
		codes []string
		want  string
	}{
		{conference["ca"], []string{"en", "es"}, "es"}, {conference["es"], []string{"en", "ca"}, "ca"}, {conference["ru"], []string{"en", "ru"}, "ru"},
		{conference["pt"], []string{"de", "es"}, "es"}, {"ok", []string{"de", "en"}, "de"}, {"", []string{"de", "en"}, "de"}, {"5", []string{"ja"}, "ja"},
		{"これはテストです", []string{"en", "ja"}, "ja"}, {"дякую, все добре", []string{"en", "uk"}, "uk"}, {"lunes", []string{"en", "es"}, "es"},
		{"whatever", []string{"ca", "gl"}, "ca"},
	} {
		if got := Detect(tt.text).Likeliest(tt.codes); got != tt.want {
			t.Errorf("%q of %v: %s, want %s", tt.text, tt.codes, got, tt.want)
		}
	}
}

// Languages that cannot be detected, and texts that tell little, may be any.
func TestMayBe(t *testing.T) {
	for _, tt := range []struct {
		text  string
		codes []string
		want  bool
	}{
		{conference["es"], []string{"en", "es"}, true},
		{conference["es"], []string{"en", "de"}, false},
		{conference["es"], []string{"ca"}, true},
		{conference["ru"], []string{"en", "de"}, false},
		{"да", []string{"en", "de"}, false},
		{"lunes", []string{"en", "de"}, true},
		{"5", []string{"en", "ja"}, true},
		{"", []string{"en"}, true},
	} {
		if got := Detect(tt.text).MayBe(tt.codes); got != tt.want {
			t.Errorf("%q of %v: %v", tt.text, tt.codes, got)
		}
	}
}
