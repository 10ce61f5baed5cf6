package config

import (
	"runtime"
	"strings"
	"testing"
)

// TestYAML: what settings do not need of YAML is an error with its place, and what editors
// add is not.
func TestYAML(t *testing.T) {
	const meaning = "has a meaning in YAML that settings do not have: put the value in quotes"
	for _, tt := range []struct{ name, text, want string }{
		{"anchor", "audio:\n  source: &m USB Mic\n", "vocoder.yaml:2:11: \"&\" " + meaning},
		{"alias", "audio:\n  source: *m\n", "vocoder.yaml:2:11: \"*\" " + meaning},
		{"tag", "audio:\n  source: !!str USB\n", "vocoder.yaml:2:11: \"!!str\" " + meaning},
		{"own tag", "key: !python/object KEY_F13\n", "vocoder.yaml:1:6: "},
		{"anchor of a key", "&k key: KEY_F13\n", "vocoder.yaml:1:1: \"&\" " + meaning},
		{"anchor of a group", "audio: &a\n  tail: 1s\n", "vocoder.yaml:1:8: \"&\" " + meaning},
		{"merge", "audio:\n  <<: {tail: 1s}\n", "vocoder.yaml:2:3: \"<<\" " + meaning},
		{"key with a question mark", "? key\n: KEY_F13\n", "vocoder.yaml:1:1: \"?\" " + meaning},
		{"anchor in a list", "text:\n  command: [sed, &a s]\n", "vocoder.yaml:2:18: \"&\" " + meaning},
		{"in quotes", "audio:\n  source: '&m *m !!str'\n", ""},
		{"within a word", "whisper:\n  prompt: R&D, 2*3, really!\n", ""},
		{"version of YAML", "%YAML 1.2\n---\nkey: KEY_F13\n", ""},
		{"byte order mark", "\ufeffkey: KEY_F13\n", ""},
		{"byte order mark and a mistake", "\ufeffkeyy: KEY_F13\n", "vocoder.yaml:1:1: unknown setting keyy: did you mean key?\n\tkeyy: KEY_F13"},
		{"UTF-16", "\xff\xfek\x00e\x00y\x00:\x00", "vocoder.yaml: it is UTF-16: save it as UTF-8"},
		{"Latin-1", "audio:\n  source: M\xfcller\n", "vocoder.yaml:2:12: a byte that is not UTF-8: save the file as UTF-8"},
		{"Windows lines", "key: KEY_F13\r\nmode: toggle\r\n", ""},
		{"escape", "foo: \x1b]0;title\x07\n", "vocoder.yaml:1:6: the control character U+001B: remove it\n\tfoo: �]0;title�"},
		{"zeros", strings.Repeat("\x00", 3000), "vocoder.yaml:1:1: the control character U+0000"},
		{"tab", "audio:\n\ttail: 1s\n", "vocoder.yaml:2:1: a tab: YAML takes only spaces before a setting"},
		{"C1", "key: \u009bKEY_F13\n", "vocoder.yaml:1:6: the control character U+009B"},
		{"long value", "key: " + strings.Repeat("K", 5000) + "\n", `vocoder.yaml:1:6: key: unknown key "` + strings.Repeat("K", 60) + "…\""},
		{"long name", strings.Repeat("k", 5000) + ": 1\n", "vocoder.yaml:1:1: unknown setting " + strings.Repeat("k", 60) + "…\n"},
		{"invisible name", "k\u200bey: KEY_F13\n", "vocoder.yaml:1:1: unknown setting k�ey: did you mean key?"},
		{"not a number", "audio:\n  gain_db: nan\n", `vocoder.yaml:2:12: audio.gain_db: "nan", want -30 to 40, or auto`},
		{"not a number of seconds", "max_duration: nan\n", `vocoder.yaml:1:15: max_duration: "nan", want a duration`},
		{"too many seconds", "max_duration: 1e30\n", `vocoder.yaml:1:15: max_duration: "1e30", want a duration`},
	} {
		c, _, err := load(tt.text)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error()+"\n", tt.want)):
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		case err != nil && len(err.Error()) > 1000:
			t.Errorf("%s: an error of %d bytes", tt.name, len(err.Error()))
		case tt.name == "version of YAML" && c.Bindings[0].Keys[0] != 183:
			t.Errorf("%s: %v", tt.name, c.Bindings)
		}
	}
}

// TestFullOf: a file full of one thing is refused, or read, with little memory.
func TestFullOf(t *testing.T) {
	for _, part := range []string{"[", "{", "- ", "? ", "{a: ", "[[", "!", "! ", "&a ", "*", "'", "\"", "# [\n", "\n", "\r", "\t", ": ", "a\n", "a: b\n", "- -\n", "|\n", "%YAML\n", "---\n", "a: [", "]", "key: [", "bindings:\n- key: KEY_F1\n"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := load(strings.Repeat(part, 64<<10/len(part)))
		runtime.ReadMemStats(&after)
		if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 200 {
			t.Errorf("%q: %d MiB", part, n)
		}
		if err != nil && len(err.Error()) > 1<<20 {
			t.Errorf("%q: an error of %d bytes", part, len(err.Error()))
		}
	}
}

// TestContradictions: settings that are right alone and together are not.
func TestContradictions(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"hold longer than the longest recording", "min_hold: 5s\nmax_duration: 1s\n", "vocoder.yaml:1:11: min_hold: 5s is not shorter than max_duration, 1s"},
		{"as long", "max_duration: 2s\nmin_hold: 2s\n", "vocoder.yaml:2:11: min_hold: 2s is not shorter"},
		{"the key cancels itself", "key: KEY_F13\ncancel_key: KEY_F13\n", "vocoder.yaml:2:13: cancel_key: it is a key to hold, too"},
		{"the default cancels itself", "cancel_key: KEY_RIGHTCTRL\n", "vocoder.yaml:1:13: cancel_key: "},
		{"chord in another order", "key: KEY_LEFTMETA+KEY_F9\ncancel_key: KEY_F9+KEY_LEFTMETA\n", "cancel_key: it is a key"},
		{"one of the bindings", "bindings:\n  - key: KEY_F13\n  - key: KEY_F14\ncancel_key: KEY_F14\n", "vocoder.yaml:4:13: cancel_key: "},
		{"another key", "key: KEY_F13\ncancel_key: KEY_ESC\n", ""},
		{"twice", "bindings:\n  - key: KEY_F13\n  - mode: hold\n    key: KEY_F13\n", "vocoder.yaml:4:10: key: another entry of bindings has the same key\n\tkey: KEY_F13"},
		{"on two devices", "bindings:\n  - key: KEY_F13\n    device: a\n  - key: KEY_F13\n    device: b\n", ""},
		{"on one device and all", "bindings:\n  - key: KEY_F13\n    device: a\n  - key: KEY_F13\n", "vocoder.yaml:4:10: key: another entry"},
	} {
		_, _, err := load(tt.text)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

// TestWarnings: what has no effect is named, with its place.
func TestWarnings(t *testing.T) {
	vars := map[string]string{}
	for _, tt := range []struct {
		name, text string
		vars       []string
		want       string
	}{
		{"key and bindings", "key: KEY_F14\nbindings:\n  - key: KEY_F13\n", nil, "vocoder.yaml:1:1: key has no effect: the list bindings has the keys"},
		{"mode and bindings", "mode: toggle\nbindings:\n  - key: KEY_F13\n", nil, ""},
		{"below bindings", "bindings:\n  - key: KEY_F13\nmode: toggle\n", nil, "vocoder.yaml:3:1: mode below the list bindings changes only its first entry"},
		{"DEBUG of another program", "", []string{"DEBUG=*"}, `environment DEBUG: "*", want true or false: not used, as it may be for another program; VOCODER_DEBUG is for this one`},
		{"WHISPER_URL of another program", "", []string{"WHISPER_URL=gpu"}, `environment WHISPER_URL: "gpu", want a URL`},
		{"MAX_DURATION of another program", "", []string{"MAX_DURATION=loud"}, `environment MAX_DURATION: "loud", want a duration`},
		{"DEBUG that is ours, too", "", []string{"DEBUG=1"}, ""},
		{"misspelt", "", []string{"VOCODER_KEYY=1"}, "environment VOCODER_KEYY: it is no setting: did you mean VOCODER_KEY?"},
		{"without its group", "", []string{"VOCODER_TAIL=1s"}, "environment VOCODER_TAIL: it is no setting: did you mean VOCODER_AUDIO_TAIL?"},
		{"right", "", []string{"VOCODER_KEY=KEY_F13"}, ""},
		{"of another part", "", []string{"VOCODER_ENGINE_MODEL=x", "VOCODERX=1", "KEYY=1"}, ""},
	} {
		clear(vars)
		src := Source{File: "vocoder.yaml", Text: []byte(tt.text), Env: func(name string) (string, bool) { v, ok := vars[name]; return v, ok }}
		for _, v := range tt.vars {
			name, value, _ := strings.Cut(v, "=")
			vars[name] = value
			src.Names = append(src.Names, name)
		}
		_, warnings, err := Load(src)
		var got string
		for _, w := range warnings {
			got += w.String() + "\n"
		}
		if err != nil || tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
	vars["VOCODER_DEBUG"] = "*"
	if _, _, err := Load(Source{Env: func(name string) (string, bool) { v, ok := vars[name]; return v, ok }}); err == nil {
		t.Error("VOCODER_DEBUG=* is taken")
	}
}

// TestHome: ~ is the home folder in each setting that is a file of the user.
func TestHome(t *testing.T) {
	vars := map[string]string{"HOME": "/home/me", "VOCODER_WHISPER_CA_FILE": "~/ca"}
	src := Source{File: "f", Env: func(name string) (string, bool) { v, ok := vars[name]; return v, ok },
		Text:  []byte("whisper:\n  key_file: ~/key\ntext:\n  vocabulary: ~/words\n  command: [~/bin/fix, ~/rules, '~', ~x]\ntyping:\n  layout: ~/us.xkb\naudio:\n  source: ~/mic\n"),
		Flags: map[string]string{"socket_path": "~/s"}}
	c, _, err := Load(src)
	w := c.Whisper[0]
	if err != nil || w.KeyFile != "/home/me/key" || w.CAFile != "/home/me/ca" || c.Text.Vocabulary != "/home/me/words" || c.Typing.Layout != "/home/me/us.xkb" ||
		c.Socket != "/home/me/s" || c.Audio.Source != "~/mic" || strings.Join(c.Text.Command, " ") != "/home/me/bin/fix /home/me/rules ~ ~x" {
		t.Errorf("%+v, %v", c, err)
	}
	src.Flags["text.command"] = "~/bin/fix -f ~/rules"
	if c, _, err = Load(src); err != nil || strings.Join(c.Text.Command, " ") != "/home/me/bin/fix -f /home/me/rules" {
		t.Errorf("%q, %v", c.Text.Command, err)
	}
	src = Source{File: "f", Text: []byte("text:\n  vocabulary: ~bob/words\n"), Env: src.Env}
	if _, _, err := Load(src); err == nil || !strings.Contains(err.Error(), `f:2:15: text.vocabulary: "~bob/words", want the whole path`) {
		t.Error(err)
	}
	src.Text, src.Env = []byte("whisper:\n  - url: http://127.0.0.1:1/\n    key_file: ~/key\n"), nil
	if _, _, err := Load(src); err == nil || !strings.Contains(err.Error(), "f:3:15: whisper: key_file: ") {
		t.Error(err)
	}
}

// TestFaultAt: the place of a fault is that of its entry.
func TestFaultAt(t *testing.T) {
	src := Source{File: "f", Text: []byte("whisper:\n  - url: http://127.0.0.1:1/\n  - model: x\n    url: http://127.0.0.1:2/\nbindings:\n  - key: KEY_F1\n")}
	for _, tt := range []struct {
		name string
		i    int
		want string
	}{
		{"whisper_url", 0, "f:2:10: whisper_url: no"}, {"whisper_url", 1, "f:4:10: whisper_url: no"}, {"whisper.model", 1, "f:3:12: whisper.model: no"},
		{"whisper.key_file", 1, "f:3:10: whisper.key_file: no"}, {"whisper_url", 9, "f:2:3: whisper_url: no"}, {"key", 0, "f:6:10: key: no"}, {"min_hold", 0, "min_hold: no"},
	} {
		if got := src.FaultAt(tt.name, tt.i, "no").Error(); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s %d: %s, want %s", tt.name, tt.i, got, tt.want)
		}
	}
}
