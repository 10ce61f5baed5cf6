package main

import "strings"

// A goal is a number that vocoder has to reach.
type goal struct {
	line    string // what the number is, for a user
	limit   string // what it has to be, as the page says it
	of      []string
	bound   float64 // the limit of value: the largest that is allowed, or the smallest if least
	least   bool
	unit    string
	why     string                  // the reason, if the goal is not met
	combine func([]float64) float64 // nil: the first median
}

// value returns the number that is compared with the bound, from the medians of the
// figures in g.of.
func (g goal) value(medians []float64) float64 {
	if g.combine != nil {
		return g.combine(medians)
	}
	return medians[0]
}

func ratio(v []float64) float64 { return v[0] / v[1] }

// rates returns the figures that lead compares: the typing rate of vocoder, then of each
// other program the rate and the share of wrong characters.
func rates(session string, others ...string) []string {
	of := []string{"rate, " + session + ": vocoder"}
	for _, o := range others {
		of = append(of, "rate, "+session+": "+o, "wrong, "+session+": "+o)
	}
	return of
}

// lead returns how many times faster vocoder types than the fastest other program that
// types no character wrong.
func lead(v []float64) float64 {
	best := 0.0
	for i := 1; i < len(v); i += 2 {
		if v[i+1] == 0 {
			best = max(best, v[i])
		}
	}
	return v[0] / best
}

var goals = []goal{
	{line: "keyboard layouts of evdev.lst that vocoder types differently from libxkbcommon", limit: "0",
		of: []string{"layouts not typed as libxkbcommon has them, plain"}},
	{line: "wrong, missing and additional characters in typed text, sway", limit: "0 in 1000",
		of: []string{"wrong, sway: vocoder"}, unit: "in 1000"},
	{line: "the same, Xorg", limit: "0 in 1000", of: []string{"wrong, xorg: vocoder"}, unit: "in 1000"},
	{line: "typing speed in a terminal of the host", limit: "at least 170 characters/s",
		of: []string{"Prose chars/s"}, bound: 170, least: true, unit: "characters/s", why: "the typing pace limits it, 2 ms a key; the host had other work"},
	{line: "typing speed compared with the fastest other program that loses no character, sway", limit: "more than 1 times as fast",
		of: rates("sway", "wtype", "wtype -d 6", "ydotool", "ydotool --key-delay 0"), combine: lead, bound: 1, least: true, unit: "times"},
	{line: "the same, Xorg", limit: "more than 1 times as fast",
		of: rates("xorg", "xdotool", "xdotool --delay 0", "ydotool", "ydotool --key-delay 0"), combine: lead, bound: 1, least: true, unit: "times"},
	{line: "delay that vocoder adds between the recognizer's answer and the first key, host", limit: "at most 10 ms",
		of: []string{"recognizer's answer to first key, on the host"}, bound: 10, unit: "ms"},
	{line: "the same in the virtual machine, with a compositor and a keyboard of the kernel", limit: "at most 10 ms",
		of: []string{"release to first key, tail and recognizer taken off"}, bound: 10, unit: "ms",
		why: "the processor is emulated, and each program that has to wake up costs milliseconds there"},
	{line: "wait for the text after 60 s of speech, compared with 5 s", limit: "at most 1.3 times",
		of: []string{"release to text, 60 s of speech", "release to text, 5 s of speech"}, combine: ratio, bound: 1.3, unit: "times"},
	{line: "speech lost when the key is pressed, microphone open", limit: "0 ms",
		of: []string{"press to first sample, microphone open"}, bound: 1, unit: "ms"},
	{line: "speech lost when the key is pressed, with a pre-roll", limit: "0 ms",
		of: []string{"press to first sample, pre-roll of 300 ms"}, unit: "ms"},
	{line: "wakeups while idle", limit: "at most 0.2 a second", of: []string{"idle: wakeups"}, bound: 0.2, unit: "a second"},
	{line: "memory while idle", limit: "at most 15 MiB", of: []string{"idle: memory"}, bound: 15, unit: "MiB",
		why: "the kernel counts the mapped part of the program's file, which differs by 3 MiB from start to start"},
	{line: "exposure of the helper (`systemd-analyze security`, 0 is best)", limit: "at most 0.6", of: []string{"exposure, helper"}, bound: 0.6, unit: "of 10"},
	{line: "exposure of the user's unit in its sandbox", limit: "at most 1.5", of: []string{"exposure, user unit, sandbox"}, bound: 1.5, unit: "of 10"},
	{line: "memory allocated for a key event", limit: "0 allocations", of: []string{"Hold allocs/op"}, unit: "allocations"},
	{line: "processor time of voice detection while the key is held, of one core", limit: "at most 2 %",
		of: []string{"Window ns/op"}, combine: func(v []float64) float64 { return 100 * v[0] / 32e6 }, bound: 2, unit: "%"},
	{line: "memory allocated for a block of sound", limit: "0 allocations", of: []string{"Block allocs/op"}, unit: "allocations"},
}

// elsewhere says where to read what this page does not have.
const elsewhere = `Longer tests have their own commands: ` + "`make sweep-typing`" + ` types 5,000 characters on each of 24 layouts under sway and
under Xorg. ` + "`make faults`" + ` causes the faults of docs/reliability.md. ` + "`make sweep-random`" + ` and
` + "`make sweep-faults`" + ` cause random ones.
`

// A section is a part of the page with a table.
type section struct {
	title   string
	meaning string   // what the figures mean for a user
	how     string   // how they were measured
	rows    []string // the names of the figures, as tests print them
	picture picture  // of some of the rows, or the zero picture
}

var sections = []section{
	{title: "How soon recording starts", meaning: `You can speak as soon as you press the key if the microphone is open already. If it is closed, recording starts when it has
opened. A negative time means that the recording also has sound from before the press. ` + "`audio.pre_roll`" + ` sets how much.`,
		how: `A recorder on a PulseAudio of the host records an output whose samples say when they were played. The sound server sets
the limit: it has no sound of a closed microphone, and all sound of an open one.`, rows: []string{
			"press to first sample, microphone closed", "press to first sample, microphone open", "press to first sample, pre-roll of 300 ms"}},
	{title: "How soon the text appears", meaning: `This is how long you wait for a short sentence after you release the key. Two parts of it are not vocoder's own work:

- **the tail**: after the release, vocoder records until your voice has ended, for 80 to 400 ms (` + "`audio.tail`" + `);
- **the recognizer**: it answers at once here, except in the row that names vocoder-engine.

All rows contain the tail, except those that say otherwise.`,
		how: `In the virtual machine, the kernel's time of the physical key is compared with that of the virtual keyboard's keys.
The text is "ok then.". The last row is the daemon on the host, with a fake keyboard and without a compositor to ask. Such a question is the row
*desktop* in the last table. vocoder presses the keys of these nine characters and the space after them together; the time
between the first and the last key is the processor's.`, rows: []string{
			"release to first key", "release to last key", "release to first key, tail and recognizer taken off", "release to last key, vocoder-engine",
			"recognizer's answer to first key, on the host"}},
	{title: "Long dictations", meaning: `Speak as long as you like: vocoder transcribes while you speak, so that only the last segment is left when you release the
key. The word error rates show whether this costs accuracy. Compare each with that of the same speech sent as one file.`,
		how: `The daemon on the host records human speech from a PulseAudio, and vocoder-engine transcribes it. Each time contains
the tail, at least 80 ms. The rest is the recognizer's: a segment lasts at least 1.5 s and ends in a gap between words, and the recognizer gets the
last one only after the tail.`, rows: lengths(), picture: lengthsPicture()},
	{title: "The words while you speak", meaning: `The overlay shows the words so far ([overlay.md](overlay.md)). For that vocoder asks the recognizer more often while you
speak. The text that is typed must not come later.`,
		how: `vocoder-engine with the model moonshine-tiny-en on the host transcribes 25 s of a novel, at the speed at which a person read it. The times
from the release contain a tail of 192 ms.`, rows: []string{
			"first live words", "live words before the release", "release to text, with live words", "release to text, without live words"}},
	{title: "Typing speed, compared with other programs", meaning: `**Speed** is how fast a long text appears. **Wrong characters** are those that are missing, different or additional; if there are
many, the speed means nothing.

vocoder types at a fixed pace of 2 ms a key, which is 500 characters a second. The queue from the kernel to the compositor has room for 64
events, which are 16 characters. The kernel does not report the events that it drops. vocoder therefore sends at most 40 events together and waits until the compositor
has taken them. A program that does not wait may lose characters.`,
		how: `Each program types the same texts of 60 and of 1000 characters of prose into the same terminal of the virtual machine,
in turn. The speed is that of the difference, so that the time to start does not count. ydotool runs as root. wtype needs a Wayland compositor, xdotool an
X server.`, rows: contests(), picture: typingPicture()},
	{title: "What vocoder takes from your computer", meaning: `**Idle** is while vocoder waits for the key, **dictating** is during short dictations.

- **wakeups** keep a laptop's processor from sleeping. Idle, they are the answers to systemd's watchdog: every 15 seconds from the daemon, every 10 from the
  helper. While the microphone is open, the sound server sends 50 blocks a second.
- **own memory** is what becomes free when the program ends. The rest of **memory** is mapped from files, mainly the program itself.
- **exposure** is the result of ` + "`systemd-analyze security`" + ` for a unit: 0 is a perfect sandbox, 10 is none.`,
		how: `In the virtual machine, with no other work: three minutes idle, and fifteen short utterances. *helper* is
vocoder-inputd with a daemon that gets its devices from it, measured for half of that time. In the other rows the daemon opens the devices itself. Idle, all
activity within a tenth of a second is one wakeup. While dictating, a wakeup is each time that a sleeping thread runs again.`, rows: costs()},
	{title: "Single steps", meaning: `These figures are for developers. They show the steps that vocoder repeats most often, and those between the recognizer's answer
and the first key.

- **sound** must take less than 20 ms, when the next block comes.
- **desktop** runs before each text, **layout** when the layout, its group or its locks have changed. The delay before the first key contains both.
- **typing** is limited by the pace of 2 ms a key.`,
		how: `Go benchmarks on the host, one operation each.`, rows: []string{
			"Hold ns/op", "Hold allocs/op", "Block ns/op", "Block allocs/op", "Window ns/op", "Window allocs/op", "Step ns/op", "State ns/op", "Table ns/op", "Prose chars/s", "Prose wrong"}},
}

// labels are what the page calls the figures, by their names. No two are equal.
var labels = func() map[string]string {
	l := map[string]string{
		"press to first sample, microphone closed":            "microphone closed: from the press to the first sound",
		"press to first sample, microphone open":              "microphone open: from the press to the first sound",
		"press to first sample, pre-roll of 300 ms":           "pre-roll of 300 ms: from the press to the first sound",
		"release to first key":                                "from the release to the first character",
		"release to last key":                                 "from the release to the last character",
		"release to first key, tail and recognizer taken off": "from the release to the first character, without tail and recognizer",
		"release to last key, vocoder-engine":                 "from the release to the last character, with vocoder-engine",
		"recognizer's answer to first key, on the host":       "from the recognizer's answer to the first character, host",
		"first live words":                                    "from the first sound of the voice to the first words",
		"live words before the release":                       "words that came before the release, of all words",
		"release to text, with live words":                    "from the release to the text, with these words",
		"release to text, without live words":                 "from the release to the text, without them",
		"helper, dictating: rate":                             "helper, dictating: typing speed",
		"start to READY":                                      "daemon: from its start until it is ready",
		"exposure, helper":                                    "exposure: helper",
		"exposure, user unit":                                 "exposure: user's unit",
		"exposure, user unit, sandbox":                        "exposure: user's unit in its sandbox",
		"exposure, user unit, strict":                         "exposure: user's unit in the strict sandbox",
		"Hold ns/op":                                          "key: a press and its release, from the kernel's bytes to the event",
		"Hold allocs/op":                                      "key: memory allocated",
		"Block ns/op":                                         "sound: 20 ms from the server to meter, voice detection and recording",
		"Block allocs/op":                                     "sound: memory allocated",
		"Window ns/op":                                        "voice detection: 32 ms of sound in the Silero model",
		"Window allocs/op":                                    "voice detection: memory allocated",
		"Step ns/op":                                          "decision: one event",
		"State ns/op":                                         "desktop: questions to the compositor and the bus before a text",
		"Table ns/op":                                         "layout: prepare a keymap for typing",
		"Prose chars/s":                                       "typing: speed in a terminal under sway",
		"Prose wrong":                                         "typing: wrong characters",
	}
	for _, what := range costs() {
		if l[what] == "" {
			l[what] = strings.Replace(what, "memory that is its own", "own memory", 1)
		}
	}
	for _, what := range lengths() {
		kind, speech, _ := strings.Cut(what, ", ")
		l[what] = strings.Replace(speech+": "+kind, "release to text", "from the release to the text", 1)
	}
	for _, who := range contestants {
		session, program, _ := strings.Cut(who, ": ")
		label := program + " under " + strings.Replace(session, "xorg", "Xorg", 1)
		l["rate, "+who], l["wrong, "+who] = label+": speed", label+": wrong characters"
	}
	return l
}()

func costs() (rows []string) {
	for _, when := range []string{"idle", "dictating", "helper, idle", "helper, dictating"} {
		for _, what := range []string{"wakeups", "processor time", "memory", "memory that is its own", "open files"} {
			rows = append(rows, when+": "+what)
		}
	}
	return append(rows, "helper, dictating: rate", "start to READY", "exposure, helper", "exposure, user unit", "exposure, user unit, sandbox", "exposure, user unit, strict",
		"size of vocoder", "size of vocoderctl", "size of vocoder-inputd", "size of vocoder-engine")
}

func lengths() (rows []string) {
	for _, s := range []string{"3 s", "5 s", "10 s", "30 s", "60 s", "120 s"} {
		rows = append(rows, "release to text, "+s+" of speech")
	}
	for _, s := range []string{"10 s", "60 s", "120 s"} {
		rows = append(rows, "word error rate, "+s+" of speech", "word error rate, "+s+" of speech sent as one file")
	}
	return rows
}

// contestants are the programs that type in TestBenchTyping, each after its session.
var contestants = []string{"sway: vocoder", "sway: wtype", "sway: wtype -d 6", "sway: ydotool", "sway: ydotool --key-delay 0",
	"xorg: vocoder", "xorg: xdotool", "xorg: xdotool --delay 0", "xorg: ydotool", "xorg: ydotool --key-delay 0"}

func contests() (rows []string) {
	for _, who := range contestants {
		rows = append(rows, "rate, "+who, "wrong, "+who)
	}
	return rows
}
