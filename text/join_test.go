package text

import (
	"strings"
	"testing"
	"time"
)

func TestJoin(t *testing.T) {
	for _, tt := range []struct {
		name  string
		parts []string
		want  string
	}{
		{"nothing", nil, ""},
		{"one", []string{"Hello."}, "Hello."},
		{"silence between", []string{"Hello.", "", "There."}, "Hello. There."},
		{"sentences", []string{"Hello there.", "How are you?", "Fine."}, "Hello there. How are you? Fine."},
		{"a sentence that goes on", []string{"I went to the store.", "and bought milk."}, "I went to the store and bought milk."},
		{"ellipses", []string{"I think…", "...that it works."}, "I think that it works."},
		{"dots", []string{"I think...", "that it works."}, "I think that it works."},
		{"ellipsis before a new sentence", []string{"I think...", "Well."}, "I think... Well."},
		{"a capital too many", []string{"We can go if", "The weather holds."}, "We can go if the weather holds."},
		{"a name", []string{"We met", "Anna in", "Berlin."}, "We met Anna in Berlin."},
		{"a German noun", []string{"Ich sehe den", "Hund", "Und die Katze."}, "Ich sehe den Hund und die Katze."},
		{"I", []string{"what should", "I do?"}, "what should I do?"},
		{"an acronym", []string{"it works in", "IT."}, "it works in IT."},
		{"a comma first", []string{"Hello.", ", my friend."}, "Hello, my friend."},
		{"a full stop alone", []string{"Hello.", "."}, "Hello."},
		{"a question mark first", []string{"Really", "? Yes."}, "Really? Yes."},
		{"a question goes on", []string{"Really?", "or not?"}, "Really? or not?"},
		{"an abbreviation", []string{"Ask Mrs.", "de Vries."}, "Ask Mrs. de Vries."},
		{"two letters with full stops", []string{"At 5 p.m.", "we leave."}, "At 5 p.m. we leave."},
		{"brackets", []string{"Call me (", "later)."}, "Call me (later)."},
		{"a bracket last", []string{"Call me (later", ")."}, "Call me (later)."},
		{"Chinese", []string{"今天", "天气很好。", "我们走吧。"}, "今天天气很好。我们走吧。"},
		{"Chinese and English", []string{"我用", "Vim", "编辑"}, "我用 Vim 编辑"},
		{"a Chinese comma first", []string{"你好。", "，朋友。"}, "你好，朋友。"},
		{"a Chinese full stop alone", []string{"你好。", "。"}, "你好。"},
		{"an Urdu comma first", []string{"سلام۔", "، دوست"}, "سلام، دوست"},
		{"Korean", []string{"안녕", "하세요."}, "안녕 하세요."},
		{"numbers", []string{"It costs 3.", "5 of them."}, "It costs 3. 5 of them."},
		{"dots alone", []string{"Hello", "..."}, "Hello..."},
		{"an hour of speech", []string{strings.Repeat("a", 60_000), "b"}, strings.Repeat("a", 60_000) + " b"},
	} {
		if got := Join(nil, unknown(tt.parts...)...); got != tt.want {
			t.Errorf("%s: %.80q, want %.80q", tt.name, got, tt.want)
		}
	}
}

// FuzzJoin checks that no letter and no digit is added, lost or moved.
func FuzzJoin(f *testing.F) {
	f.Add("I think...", "...that", "The end.")
	f.Add("今天", " , ", ". a")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		a, b, c = Line(a), Line(b), Line(c)
		bare := func(s string) string { return strings.ReplaceAll(Plain(s), " ", "") }
		for _, gap := range []time.Duration{-1, 0, sentenceGap, questionGap} {
			said := []Segment{{a, 0}, {b, gap}, {c, gap}}
			if got := Join(nil, said...); bare(got) != bare(a)+bare(b)+bare(c) {
				t.Fatalf("%q %q %q, %v, become %q", a, b, c, gap, got)
			}
			if got := Context(nil, said, gap); bare(got) != bare(a)+bare(b)+bare(c) {
				t.Fatalf("%q %q %q, %v, become %q as context", a, b, c, gap, got)
			}
		}
	})
}

// unknown returns texts with unknown gaps between them.
func unknown(texts ...string) (all []Segment) {
	for _, text := range texts {
		all = append(all, Segment{text, -1})
	}
	return all
}

// joints are real: people read the text aloud, and Whisper base heard it in two parts.
// Its words depend on the context. whisper.cpp gets the text before without its end if
// the gap is short. vocoder-engine gets no context.
var joints = []struct {
	left  string
	gap   int // milliseconds
	right string
	want  string
}{
	// en, "…that should help you to get started. Like a normal PBX, you will navigate this demonstration by dialing digits. If you are …"
	{"the Asterisk Open Source PBX.", 256, "You have also installed", "the Asterisk Open Source PBX. You have also installed"},
	// Wrong, as nothing tells this apart from the next three.
	{"get started, like a normal PBX.", 160, "You will navigate", "get started, like a normal PBX. You will navigate"},
	{"from a remote location.", 128, "The sample configuration also", "from a remote location. The sample configuration also"},
	{"a 28.8-kilometre modem.", 160, "To execute an Echo test", "a 28.8-kilometre modem. To execute an Echo test"},
	{"an Echo test, dial 6000.", 160, "This test is most", "an Echo test, dial 6000. This test is most"},
	{"If you'd like to test out the voiceover IP capabilities of asterisk.", 128, "You can dial", "If you'd like to test out the voiceover IP capabilities of asterisk you can dial"},
	{"to be connected to the internet.", 160, "and have at least", "to be connected to the internet and have at least"},
	{"a single user with extension 1234.", 288, "and password 4242.", "a single user with extension 1234 and password 4242."},
	{"The purpose of this test.", 192, "is to give you", "The purpose of this test is to give you"},
	{"by dialing digits.", 288, "If you are using", "by dialing digits. If you are using"},
	{"you can use the dial, answer!", 256, "and hang up commands", "you can use the dial, answer and hang up commands"},
	{"you can use the dial, answer.", 256, "and hang up commands", "you can use the dial, answer and hang up commands"},
	{"you can use the dial, answer.", 256, "And hang up commands", "you can use the dial, answer and hang up commands"},
	{"to voicemail now and forevermore.", 224, "Dial 3, to send this", "to voicemail now and forevermore. Dial 3, to send this"},
	{"in his power to do for them.", 192, "He was not", "in his power to do for them. He was not"},
	{"is to be ill-disposed.", 160, "Had he married", "is to be ill-disposed. Had he married"},
	{"respectable than he was. Unless to be rather cold-hearted is to be ill-disposed.", 192, "He was not an",
		"respectable than he was. Unless to be rather cold-hearted is to be ill-disposed he was not an"},
	// es
	{"código abierto asteresk.", 160, "También ha instalado", "código abierto asteresk. También ha instalado"},
	{"un serie de sonidos y archivos.", 160, "de configuración", "un serie de sonidos y archivos de configuración"},
	{"un serie de sonidos y archivos.", 160, "De configuración", "un serie de sonidos y archivos de configuración"},
	{"una PbX normal, usted navegará.", 224, "esta demostración", "una PbX normal, usted navegará esta demostración"},
	{"una pdx normal usted navegará", 224, "Esta demostración", "una pdx normal usted navegará esta demostración"},
	{"dígitos en su teléfono.", 224, "Si está usando", "dígitos en su teléfono. Si está usando"},
	{"Si está usando el canal de consola a cambio de un teléfono físico.", 192, "puede usar", "Si está usando el canal de consola a cambio de un teléfono físico puede usar"},
	{"Si está usando el canal de consola a cambio de un teléfono físico.", 192, "Puede usar", "Si está usando el canal de consola a cambio de un teléfono físico puede usar"},
	{"Si está usando el canal de consola, a cambio de un teléfono físico.", 192, "Puede usar", "Si está usando el canal de consola, a cambio de un teléfono físico puede usar"},
	// Wrong: without context nothing tells that one navigates something.
	{"una pede acis normal, usted navegará.", 224, "Esta demostración", "una pede acis normal, usted navegará. Esta demostración"},
	// fr
	{"le projet libre-asterisque.", 192, "Vous avez aussi", "le projet libre-asterisque. Vous avez aussi"},
	{"vous aider à démarrer.", 256, "Comme avec tous", "vous aider à démarrer. Comme avec tous"},
	{"en appuyant sur les chiffres.", 288, "Si vous utilisez", "en appuyant sur les chiffres. Si vous utilisez"},
	// it
	{"il PBX Open Source asterisk.", 192, "Hai anche installato", "il PBX Open Source asterisk. Hai anche installato"},
	{"aiutare a iniziare.", 416, "Come un normale", "aiutare a iniziare. Come un normale"},
	{`puoi usare i comandi "Dial"`, 192, "Answer e Hangup", `puoi usare i comandi "Dial" Answer e Hangup`},
	{`puoi usare i comandi "Dile".`, 192, `"answer" e "hang up"`, `puoi usare i comandi "Dile" "answer" e "hang up"`},
	// ru
	{"телефонной станции астериск.", 160, "Вы также установили", "телефонной станции астериск. Вы также установили"},
	{"помогут вам начать с работу.", 224, "Вы сможете", "помогут вам начать с работу. Вы сможете"},
	{"Если вместо обычного телефонного аппарата вы используете программу.", 160, "вы можете",
		"Если вместо обычного телефонного аппарата вы используете программу вы можете"},
	{"Если вместо обычного телефонного аппарата вы используете программу.", 160, "Вы можете",
		"Если вместо обычного телефонного аппарата вы используете программу вы можете"},
}

func TestJoints(t *testing.T) {
	for _, tt := range joints {
		if got := Join(nil, Segment{tt.left, 0}, Segment{tt.right, time.Duration(tt.gap) * time.Millisecond}); got != tt.want {
			t.Errorf("%q, %d ms, %q: %q, want %q", tt.left, tt.gap, tt.right, got, tt.want)
		}
	}
}

// What decides at a joint, a pair of rows each.
func TestJoint(t *testing.T) {
	for _, tt := range []struct {
		name        string
		left, right string
		gap         time.Duration
		want        string
	}{
		{"a pause before a small letter", "I went to the store.", "and bought milk.", time.Second, "I went to the store and bought milk."},
		{"a question, then a pause", "Really?", "or not?", questionGap, "Really? or not?"},
		{"no question yet", "Tea?", "or coffee?", questionGap - 1, "Tea or coffee?"},
		{"a name after a short gap", "We met.", "Anna came.", 100 * time.Millisecond, "We met. Anna came."},
		{"a German noun", "Ich sehe den.", "Hund dort.", 100 * time.Millisecond, "Ich sehe den. Hund dort."},
		{"I", "What.", "I do.", 100 * time.Millisecond, "What. I do."},
		{"the polite you", "Ich frage.", "Sie wissen es.", 100 * time.Millisecond, "Ich frage. Sie wissen es."},
		{"an abbreviation", "Ask Mrs.", "The nurse.", 0, "Ask Mrs. The nurse."},
		{"a question is no condition", "When does it begin?", "We can go.", 200 * time.Millisecond, "When does it begin? We can go."},
		{"a condition", "If it rains.", "We can go.", 200 * time.Millisecond, "If it rains we can go."},
		{"a condition, then a pause", "If it rains.", "We can go.", questionGap, "If it rains. We can go."},
		{"its main clause has begun", "If it rains, we go.", "We can wait.", 200 * time.Millisecond, "If it rains, we go. We can wait."},
		{"a word that joins", "The dial.", "Or the phone.", conjunctionGap - 1, "The dial or the phone."},
		{"a clause", "I have the one.", "Which rings.", conjunctionGap - 1, "I have the one which rings."},
		{"a question of its own", "I have two.", "Which one do you want? The red one.", conjunctionGap - 1, "I have two. Which one do you want? The red one."},
		{"after a question", "Is that so?", "Which one?", conjunctionGap - 1, "Is that so? Which one?"},
		{"an Italian question", "È tardi.", "Che ore sono?", conjunctionGap - 1, "È tardi. Che ore sono?"},
		{"a Russian question", "Уже поздно.", "Который час?", conjunctionGap - 1, "Уже поздно. Который час?"},
		{"a French question", "On frappe.", "Qui est là\u202f?", conjunctionGap - 1, "On frappe. Qui est là\u202f?"},
		{"a clause before a question", "I have the one.", "Which rings. Do you?", conjunctionGap - 1, "I have the one which rings. Do you?"},
		{"a question that goes on", "Tea?", "Or coffee?", conjunctionGap - 1, "Tea or coffee?"},
		{"a longer gap", "The dial.", "Or the phone.", conjunctionGap, "The dial. Or the phone."},
		{"an unknown gap", "The dial.", "Or the phone.", -1, "The dial. Or the phone."},
	} {
		if got := Join(nil, Segment{tt.left, 0}, Segment{tt.right, tt.gap}); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// The end that the recognizer wrote is in the context only if the sentence may have
// ended there.
func TestContext(t *testing.T) {
	for _, tt := range []struct {
		text string
		gap  time.Duration
		want string
	}{
		{"use the dial, answer!", 200 * time.Millisecond, "use the dial, answer"},
		{"use the dial, answer.", sentenceGap, "use the dial, answer."},
		{"use the dial, answer.", -1, "use the dial, answer."},
		{"Ask Mrs.", 0, "Ask Mrs."},
		{"Well,", 0, "Well,"},
		{"", 0, ""},
	} {
		if got := Context(nil, []Segment{{tt.text, 0}}, tt.gap); got != tt.want {
			t.Errorf("%q, %v: %q, want %q", tt.text, tt.gap, got, tt.want)
		}
	}
}
