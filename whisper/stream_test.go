package whisper

import (
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/text"
	"github.com/arealicehole/vocoder/whisper/internal/markup"
)

// TestFormats: of an answer in a format that no request asks for, only the words are
// typed, or the answer is refused and the sound is kept.
func TestFormats(t *testing.T) {
	const asJSON, plain, events = "application/json", "text/plain", "text/event-stream"
	delta := `data: {"type":"transcript.text.delta","delta":"Hello"}` + "\n\n" + `data: {"type":"transcript.text.delta","delta":" there."}` + "\n\n"
	chat := `data: {"choices":[{"delta":{"content":"Hello"},"finish_reason":null}]}` + "\n\n" + `data: {"choices":[{"delta":{"content":" there."},"finish_reason":null}]}` + "\n\n"
	for _, tt := range []struct {
		name, kind, body string
		partial          bool
		err              Kind // "" for the words
	}{
		{"events of OpenAI", events, delta + `data: {"type":"transcript.text.done","text":"Hello there."}` + "\n\n", false, ""},
		{"events with names", events + "; charset=utf-8", "event: delta\n" + delta + "event: done\ndata: [DONE]\n\n", false, ""},
		{"events without an end", events, delta, true, ""},
		{"events of vLLM", events, chat + `data: {"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n", false, ""},
		{"events of vLLM without an end", events, chat, true, ""},
		{"events as plain text", plain, delta + "data: [DONE]\n", false, ""},
		{"events with names as plain text", plain, "event: delta\n" + delta + "data: [DONE]\n", false, ""},
		{"segments of speaches", events, `data: {"text":"Hello"}` + "\r\n\r\n" + `data: {"text":"there."}` + "\r\n\r\n", false, ""},
		{"an error in the events", events, delta + `data: {"error":{"message":"out of memory"}}` + "\n\n", false, Failing},
		{"events without words", events, ": ping\n\n", false, Garbled},
		{"events that are no JSON", events, "data: Hello\n\n", false, Garbled},
		{"lines of JSON", "application/x-ndjson", `{"text":"Hello"}` + "\n" + `{"text":"there."}` + "\n", false, ""},
		{"a list of segments", asJSON, `[{"text":" Hello"},{"text":" there."}]`, false, ""},
		{"a list as plain text", plain, `[{"text":"Hello there."}]`, false, ""},
		{"a list of strings as plain text", plain, `["Hello there."]`, false, Garbled},
		{"a JSON string as plain text", plain, `"Hello there."`, false, ""},
		{"SRT", plain, "1\n00:00:00,000 --> 00:00:01,000\nHello\n\n2\n00:00:01,000 --> 00:00:02,000\nthere.\n\n", false, ""},
		{"SRT with returns", plain, "1\r\n00:00:00,000 --> 00:00:01,000\r\nHello there.\r\n", false, ""},
		{"SRT in JSON", asJSON, `{"text":"1\n00:00:00,000 --> 00:00:02,000\nHello there.\n"}`, false, ""},
		{"VTT", "text/vtt", "WEBVTT\nKind: captions\n\nNOTE made by\na machine\n\n00:00.000 --> 00:02.000 align:start\n<v Anna>Hello</v>\nthere.\n", false, ""},
		{"VTT with names", "text/vtt", "WEBVTT\n\nintro\n00:00.000 --> 00:02.000\nHello there.\n", false, ""},
		{"TSV", plain, "start\tend\ttext\n0\t1000\tHello\n1000\t2000\tthere.\n", false, ""},
		{"lyrics", plain, "[00:00.00] Hello\n[00:01.25] there.\n", false, ""},
		{"XML", "text/xml", "<response><text>Hello there.</text></response>", false, Garbled},
		{"XML as plain text", plain, "<response id='1'><text>Hello there.</text></response>", false, Garbled},
		{"an error with an empty text", asJSON, `{"text":"","error":"out of memory"}`, false, Failing},
		{"an error that is none", asJSON, `{"text":"Hello there.","error":null}`, false, ""},
		{"Qwen", asJSON, `{"text":"language English<asr_text>Hello there."}`, false, ""},
		{"Qwen with two languages", asJSON, `{"text":"language Chinese, English<asr_text>Hello there.</asr_text>"}`, false, ""},
		{"Qwen without a language", asJSON, `{"text":"language None<asr_text>Hello there."}`, false, ""},
		{"what a model thinks", asJSON, `{"text":"<think>The user\nspeaks.</think>\n\nHello there."}`, false, ""},
		{"SenseVoice", asJSON, `{"text":"<|en|><|NEUTRAL|><|Speech|><|withitn|>Hello there."}`, false, ""},
		{"tokens of whisper.cpp", asJSON, `{"text":"[_BEG_] Hello there.[_TT_100]"}`, false, ""},
		{"sentencepiece", asJSON, `{"text":"<s> Hello <unk> there. \u2047</s>"}`, false, ""},
		{"spaces of sentencepiece", asJSON, `{"text":"▁Hello▁there."}`, false, ""},
		{"a first space of sentencepiece", asJSON, `{"text":"▁Hello there."}`, false, ""},
		{"moods of SenseVoice", asJSON, `{"text":"<|en|><|HAPPY|><|Speech|><|woitn|>Hello there."}`, false, ""},
		{"moods of FunASR", asJSON, `{"text":"🎼Hello there.😊"}`, false, ""},
		{"several sounds of FunASR", plain, "👏😀Hello there.😡", false, ""},
		{"a transcript", asJSON, `{"transcript":"Hello there.","confidence":0.9}`, false, ""},
		{"a transcription", asJSON, `{"transcription":"Hello there."}`, false, ""},
		{"the command line of whisper.cpp", asJSON, `{"systeminfo":"AVX = 1","model":{"type":"base"},"result":{"language":"en"},"transcription":[{"offsets":{"from":0},"text":" Hello"},{"text":" there."}]}`, false, ""},
		{"Deepgram", asJSON, `{"metadata":{"request_id":"a"},"results":{"channels":[{"alternatives":[{"transcript":"Hello there.","confidence":1,"words":[{"word":"hello"}]},{"transcript":"Hello their."}]}]}}`, false, ""},
		{"Google", asJSON, `{"results":[{"alternatives":[{"transcript":"Hello"},{"transcript":"Hollow"}]},{"alternatives":[{"transcript":" there."}]}],"requestId":"1"}`, false, ""},
		{"Azure", asJSON, `{"RecognitionStatus":"Success","DisplayText":"Hello there.","Offset":100}`, false, ""},
		{"Azure's fast transcription", asJSON, `{"durationMilliseconds":10,"combinedPhrases":[{"text":"Hello there."}],"phrases":[{"text":"Hello"}]}`, false, ""},
		{"Cloudflare", asJSON, `{"result":{"text":"Hello there.","word_count":2},"success":true,"errors":[],"messages":[]}`, false, ""},
		{"the service of SenseVoice", asJSON, `{"result":[{"raw_text":"<|en|>Hello there.","text":"Hello there.","key":"a"}]}`, false, ""},
		{"FunASR", asJSON, `[{"key":"rand_key","text":"Hello there."}]`, false, ""},
		{"Baidu", asJSON, `{"err_no":0,"err_msg":"success.","sn":"1","result":["Hello there."]}`, false, ""},
		{"data with a message", asJSON, `{"code":0,"message":"ok","data":{"text":"Hello there."}}`, false, ""},
		{"a model that chats", asJSON, `{"id":"1","choices":[{"index":0,"message":{"role":"assistant","content":"Hello there."},"finish_reason":"stop"}]}`, false, ""},
		{"Gemini", asJSON, `{"candidates":[{"content":{"parts":[{"text":"Hello"},{"text":" there."}],"role":"model"}}]}`, false, ""},
		{"no words in data", asJSON, `{"code":500,"message":"no model","data":{}}`, false, Rejected},
		{"a result that is no text", asJSON, `{"result":"ok"}`, false, Garbled},
		{"a list of numbers", asJSON, `{"results":[1,2]}`, false, Garbled},
		{"an empty transcript with an error", asJSON, `{"transcript":"","error":"out of memory"}`, false, Failing},
		{"an error and no results", asJSON, `{"results":[],"error":"out of memory"}`, false, Rejected},
		{"null", asJSON, `{"transcript":null}`, false, Garbled},
		{"speakers", asJSON, `{"text":"[SPEAKER_00]: Hello\nSPEAKER_00: there."}`, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := decode(tt.kind, []byte(tt.body))
			if tt.err != "" {
				if err == nil || err.Kind != tt.err {
					t.Errorf("%q, %v, want %v", r.text, err, tt.err)
				}
				return
			}
			if got := text.Line(markup.Remove(r.text)); err != nil || got != "Hello there." || r.partial != tt.partial {
				t.Errorf("%q, partial %v, %v", got, r.partial, err)
			}
		})
	}
}

// TestNotMarkup: what people dictate about formats is typed as it is.
func TestNotMarkup(t *testing.T) {
	for _, words := range []string{
		`"Hello," she said, "there."`, `"Yes", "no".`, "[1]", "[1, 2]", "data: the numbers of May", "Data: {none}", "event: a party", "<b>bold</b>", "<br>",
		"At [00:10] we meet.", "From 10:00 to 11:00 --> lunch", "start end text", "language English is hard", "I think </think> ends it",
		"The speaker 00 says", "WEBVTT is a format.", "NOTE to self: buy milk", "<s>", "1\n2\n3", "{x}", "Use <unknown> here.", "List [a], [b].",
		"AT&T", "R&D & more", "Write &amp; for an & in HTML.", "&copy; and &nbsp;", "&c", "a &amp", "if a < b &amp;&amp; c", "Tom & Jerry &lt;3",
		"Thanks 😊", "😀 is a face.", "Nice 👍", "🎼", "We use 😡 and 😊 here.", "Who? ❓ Me.", "Sad 😔 😔",
	} {
		r, err := decode("text/plain", []byte(words))
		if words == "{x}" {
			if err == nil {
				t.Errorf("%q: %q", words, r.text)
			}
			continue
		}
		if got := text.Line(markup.Remove(r.text)); words != "<s>" && (err != nil || got != text.Line(words)) {
			t.Errorf("%q becomes %q, %v", words, got, err)
		}
	}
}

// TestEntities: a text that was escaped for HTML is typed as it was before.
func TestEntities(t *testing.T) {
	for in, want := range map[string]string{
		"Q &amp; A":             "Q & A",
		"R&amp;D and AT&amp;T.": "R&D and AT&T.",
		"I don&#39;t, she&#x27;d, they&apos;ll, we&#039;re": "I don't, she'd, they'll, we're",
		"He said &quot;no&quot; and &#34;yes&#34;.":         `He said "no" and "yes".`,
		"1 &lt; 2 &gt; 0":       "1 < 2 > 0",
		"&amp;copy;":            "&copy;",
		"&lt;|HAPPY|&gt;Hello.": "Hello.",
	} {
		if got := text.Line(markup.Remove(in)); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// An hour of speech comes whole, whatever else the server adds.
func TestLongText(t *testing.T) {
	words := strings.TrimSpace(strings.Repeat("The boat was slow, and so were we on this long day. ", 1200))
	clip := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, 3600*pcm.Rate/10)} // a tenth, to save memory
	segments := strings.Repeat(`{"id":1,"tokens":[50364,440,6582,390,2964,11,293,370,645,321,322,341,938,786,13],"text":"x"},`, 12_000)
	for _, body := range []string{words, `{"text":"` + words + `"}`, `{"text":"` + words + `","segments":[` + strings.TrimSuffix(segments, ",") + `]}`} {
		s := serve(t, says(200, "text/plain", body))
		c := client(t, Config{URL: s.URL + "/v1/transcribe"})
		if got, err := c.Anyway().Transcribe(t.Context(), clip); err != nil || got != words {
			t.Errorf("%d of %d characters, %v", len(got), len(words), err)
		}
	}
}
