package config

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/printable"
)

// quoted returns a value of a file or a command line in quotes, shortened and without secrets.
func quoted(v string) string { return strconv.Quote(printable.Line(withoutSecrets(v), 60)) }

// hold parses the key to hold, which must be there.
func hold(to *[]key.Code, v string) error {
	if v == "" {
		return errors.New("want a key such as KEY_RIGHTCTRL or KEY_F13")
	}
	return keys(to, v)
}

// keys parses a key, or the keys of a chord with + between them. Nothing is no key.
func keys(to *[]key.Code, v string) error {
	if v == "" {
		*to = nil
		return nil
	}
	var chord []key.Code
	for name := range strings.SplitSeq(v, "+") {
		if len(name) > 60 || withoutSecrets(name) != name { // no key has such a name
			return fmt.Errorf("unknown key %s", quoted(name))
		}
		c, err := key.Parse(strings.TrimSpace(name))
		if err != nil {
			return err
		}
		if slices.Contains(chord, c) {
			return fmt.Errorf("%s twice in one chord", c)
		}
		chord = append(chord, c)
	}
	*to = chord
	return nil
}

func boolean(to *bool, v string) error {
	switch strings.ToLower(v) {
	case "true", "yes", "on", "1":
		*to = true
	case "false", "no", "off", "0", "":
		*to = false
	default:
		return fmt.Errorf("%s, want true or false", quoted(v))
	}
	return nil
}

// autoOrBool parses auto, or a boolean, which becomes true or false.
func autoOrBool(to *string, v string) error {
	if *to = v; v == "auto" {
		return nil
	}
	var is bool
	if boolean(&is, v) != nil {
		return fmt.Errorf("%s, want auto, true or false", quoted(v))
	}
	*to = strconv.FormatBool(is)
	return nil
}

// duration parses a Go duration. A number without a unit is seconds, as in vocoder 1.0.
func duration(to *time.Duration, v string, low, high time.Duration) error {
	d, err := time.ParseDuration(v)
	if err != nil {
		seconds, err := strconv.ParseFloat(v, 64)
		if err != nil || !(math.Abs(seconds) < 1e9) { // NaN is not less
			return fmt.Errorf("%s, want a duration such as 200ms or 2m", quoted(v))
		}
		d = time.Duration(seconds * float64(time.Second))
	}
	return within(to, d, low, high)
}

// autoLinger is how long a microphone other than that of a Bluetooth headset stays open.
const autoLinger = 10 * time.Second

func linger(to *Audio, v string) error {
	if v == "auto" {
		to.Linger, to.BluetoothLinger = autoLinger, 0
		return nil
	}
	if err := duration(&to.Linger, v, 0, time.Hour); err != nil {
		return fmt.Errorf("%w, or auto", err)
	}
	to.BluetoothLinger = to.Linger
	return nil
}

func whole(to *int, v string, low, high int) error {
	n, err := strconv.Atoi(v)
	if err != nil {
		return fmt.Errorf("%s, want a whole number", quoted(v))
	}
	return within(to, n, low, high)
}

func within[T cmp.Ordered](to *T, v, low, high T) error {
	if v < low || v > high {
		return fmt.Errorf("%v, want %v to %v", v, low, high)
	}
	*to = v
	return nil
}

func layout(to *string, v string) error {
	if v != "auto" && v != "us" && !path.IsAbs(v) {
		return fmt.Errorf("%s, want auto, us, or the whole path of a keymap", quoted(v))
	}
	*to = v
	return nil
}

// whisper returns a function that sets a field of every recognizer.
func whisper(set func(w *Whisper, v string) error) func(*Config, string) error {
	return func(c *Config, v string) error {
		for i := range c.Whisper {
			if err := set(&c.Whisper[i], v); err != nil {
				return err
			}
		}
		return nil
	}
}

// joinList returns the entries of a list as one text, for splitList and splitWords. It
// ends with a line break, which tells it from a list with commas or spaces.
func joinList(entries []string) string { return strings.Join(entries, "\n") + "\n" }

// splitList returns the entries of a text of joinList, or of a list with commas.
func splitList(v string) (entries []string) {
	separator := ","
	if strings.HasSuffix(v, "\n") {
		separator = "\n"
	}
	for entry := range strings.SplitSeq(v, separator) {
		if entry = strings.TrimSpace(entry); entry != "" {
			entries = append(entries, entry)
		}
	}
	return entries
}

// splitWords returns the entries of a text of joinList, or of a list with spaces.
func splitWords(v string) []string {
	if s, ok := strings.CutSuffix(v, "\n"); ok && s != "" {
		return strings.Split(s, "\n") // with empty ones: arguments of a program
	}
	return append([]string(nil), strings.Fields(v)...)
}

func fileName(to *string, v string) error {
	if strings.Contains(v, "/") {
		return fmt.Errorf("%s, want a name without /", quoted(v))
	}
	*to = v
	return nil
}

func proxy(to *string, v string) error {
	if v != "none" && v != "environment" {
		u, err := url.Parse(v)
		if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme) {
			return fmt.Errorf("want none, environment or a URL such as http://proxy.example:3128")
		}
		if u.User != nil {
			return fmt.Errorf("it holds a password, which does not belong here")
		}
	}
	*to = v
	return nil
}

func punctuation(to *string, v string) error {
	switch strings.ToLower(v) {
	case "off", "false", "no", "":
		v = "off"
	case "on", "true", "yes":
		v = "on"
	}
	if !slices.Contains(punctuations, v) {
		return wrongChoice(v, punctuations)
	}
	*to = v
	return nil
}

func space(c *Config, v string) error {
	c.Typing.TrailingSpace, c.Typing.SmartSpace = v == "trailing", v == "smart"
	return nil
}

func address(to *string, v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Scheme == "" {
		return fmt.Errorf("%s, want a URL such as http://127.0.0.1:8771/v1/transcribe", quoted(v))
	}
	*to = v
	return nil
}

// spoken parses FromLocale, FromLayout, or language codes, which become those of
// language.Choice.
func spoken(to *string, v string) error {
	if from := strings.ToLower(strings.TrimSpace(v)); from == FromLocale || from == FromLayout {
		*to = from
		return nil
	}
	c, err := language.ParseChoice(v)
	if err != nil {
		return fmt.Errorf("%w, a list of them, locale, layout or auto", err)
	}
	*to = c.String()
	return nil
}

func gain(c *Config, v string) error {
	if c.Audio.AutoGain = v == "auto"; c.Audio.AutoGain {
		return nil
	}
	return number(&c.Audio.GainDB, v, -30, 40, "-30 to 40, or auto")
}

func number(to *float64, v string, low, high float64, want string) error {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || !(f >= low && f <= high) { // NaN is in no range
		return fmt.Errorf("%s, want %s", quoted(v), want)
	}
	*to = f
	return nil
}
