package config

import "strings"

// Reference returns a settings file with every setting, its meaning and its default.
func Reference() string {
	var p page
	p.text.WriteString(`# vocoder.yaml: the settings of vocoder, each with its default.
#
# It is read from $XDG_CONFIG_HOME/vocoder/vocoder.yaml (~/.config if that is not
# set) or from the file named with --config. Each setting can also be given in
# the environment, as VOCODER_ and its name in capitals (VOCODER_AUDIO_TAIL), and
# as a flag (--audio-tail). Flags win over the environment, that over the file.
# Durations are written 200ms, 30s or 2m; a bare number is seconds. ~/ at the
# beginning of a file is the home folder; without it a file has its whole path.
`)
	for _, s := range settings {
		p.describe(s, s.Default)
	}
	p.text.WriteString(`
# Several keys, each with its own mode and language, instead of key, device, mode
# and grab above:
#
# bindings:
#   - key: KEY_F13
#     device: 05f3:00ff
#     mode: hold
#     grab: true
#   - key: KEY_F14
#     language: de
#     task: translate

# Several recognizers, the best first, instead of whisper_url and whisper above. vocoder
# asks the first one that works. If it fails, vocoder sends the same utterance to the
# next one. An entry may have any setting of whisper.
#
# whisper:
#   - url: https://gpu.example/v1/audio/transcriptions
#     model: large-v3
#     key_file: /home/me/.config/vocoder/gpu.key
#   - url: http://127.0.0.1:8771/v1/transcribe

# Programs with their own settings for typing, by app_id or X11's class. They need a
# desktop that says which program has the focus (sway, Hyprland, niri, X11). ` + "`vocoder layout`" + `
# shows the name. Below typing:
#
#   applications:
#     - app: libreoffice-writer
#       pace: careful
#     - app: emacs
#       paste_chord: KEY_LEFTCTRL+KEY_Y
#       dead_keys: false
#     - app: kate
#       paste: always
`)
	return p.text.String()
}

// describe writes a setting with its meaning in a comment.
func (p *page) describe(s Setting, value string) {
	comment := s.Help
	if len(s.aliases) > 0 {
		comment += "\nAlso in the environment as " + strings.Join(s.aliases, ", ") + "."
	}
	if group, _, ok := strings.Cut(s.Name, "."); !ok || group == p.group {
		p.text.WriteString("\n")
	}
	p.put(s, value, comment)
}
