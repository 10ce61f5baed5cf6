package recognition

import (
	"log/slog"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// Gate returns a dictate.Refusal if a clip has no voice, so that the caller does not send it.
// It returns nil if the clip has a voice, or the settings ask to send everything.
func Gate(cfg config.Config, log *slog.Logger, c pcm.Clip) error {
	if !cfg.Audio.Gate || c.Voice.Speaks() {
		return nil
	}
	log.Info("no voice, not sent", "voice", c.Voice.Total(), "length", c.Duration())
	return dictate.Refusal(dictate.Silence)
}
