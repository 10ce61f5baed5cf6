package hint

import (
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/whisper"
)

// TestRecognizerHint: a hint says what helps if a recognizer is busy, fails, or finds the recording
// too long.
func TestRecognizerHint(t *testing.T) {
	for _, tt := range []struct {
		err  whisper.Error
		want string
	}{
		{whisper.Error{Kind: whisper.Busy, Status: 503}, "second recognizer"},
		{whisper.Error{Kind: whisper.Failing, Status: 500}, "log of the recognizer"},
		{whisper.Error{Kind: whisper.Rejected, Status: 413}, "max_duration"},
		{whisper.Error{Kind: whisper.Rejected, Status: 400}, "whisper.dialect"},
		{whisper.Error{Kind: whisper.Rejected, Status: 429, Why: "there is no quota left"}, "quota"},
		{whisper.Error{Kind: whisper.Rejected, Status: 402}, "quota"},
		{whisper.Error{Kind: whisper.Rejected, Status: 415}, "WAV"},
		{whisper.Error{Kind: whisper.Late}, "vocoderctl retry"},
	} {
		if got := Of(&tt.err); !strings.Contains(got, tt.want) {
			t.Errorf("%v: %q, want %q", &tt.err, got, tt.want)
		}
	}
}
