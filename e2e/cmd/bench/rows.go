package main

// An aim is a number that vocoder has to reach.
type aim struct {
	line, aim string
	of        []string // what is measured
	bound     float64  // of value, which is at most that, or at least if so
	least     bool
	unit      string
	why       string // the reason, where it is not met
	combine   func([]float64) float64
}

// value makes one number of the medians; the first, where nothing else is said.
func (a aim) value(got []float64) float64 {
	if a.combine != nil {
		return a.combine(got)
	}
	return got[0]
}

func ratio(v []float64) float64 { return v[0] / v[1] }

// rates returns the figures of the typing rates of vocoder and of other programs, each
// with that of the characters that it loses.
func rates(session string, others ...string) []string {
	of := []string{"rate, " + session + ": vocoder"}
	for _, o := range others {
		of = append(of, "rate, "+session+": "+o, "wrong, "+session+": "+o)
	}
	return of
}

// lead is how many times as fast as the fastest of the others that lose nothing.
func lead(v []float64) float64 {
	best := 0.0
	for i := 1; i < len(v); i += 2 {
		if v[i+1] == 0 {
			best = max(best, v[i])
		}
	}
	return v[0] / best
}

// aims are all.
var aims = []aim{
	{line: "layouts of evdev.lst that are not typed as libxkbcommon has them", aim: "0",
		of: []string{"layouts not typed as libxkbcommon has them, plain"}},
	{line: "characters wrong, missing or too many, of those typed for this page under sway", aim: "0 in 1000",
		of: []string{"wrong, sway: vocoder"}, unit: "in 1000"},
	{line: "the same under Xorg", aim: "0 in 1000", of: []string{"wrong, xorg: vocoder"}, unit: "in 1000"},
	{line: "prose into a terminal, as in daily use, on the host", aim: "at least 170 characters/s",
		of: []string{"Prose chars/s"}, bound: 170, least: true, unit: "characters/s", why: "the pace is what bounds it, 2 ms a key; the host had other work"},
	{line: "typing beside the fastest of the others that loses nothing, under sway", aim: "more than 1 times as fast",
		of: rates("sway", "wtype", "wtype -d 6", "ydotool", "ydotool --key-delay 0"), combine: lead, bound: 1, least: true, unit: "times"},
	{line: "the same under Xorg", aim: "more than 1 times as fast",
		of: rates("xorg", "xdotool", "xdotool --delay 0", "ydotool", "ydotool --key-delay 0"), combine: lead, bound: 1, least: true, unit: "times"},
	{line: "what vocoder itself adds before the first key, tail and recognizer taken off, on the host", aim: "at most 10 ms",
		of: []string{"recognizer's answer to first key, on the host"}, bound: 10, unit: "ms"},
	{line: "the same in the machine, where a real compositor and the kernel's keyboard are asked", aim: "at most 10 ms",
		of: []string{"release to first key, tail and recognizer taken off"}, bound: 10, unit: "ms",
		why: "the processor is emulated, and every program that is woken on the way costs milliseconds there"},
	{line: "release to text after 60 s of speech against 5 s", aim: "at most 1.3 times",
		of: []string{"release to text, 60 s of speech", "release to text, 5 s of speech"}, combine: ratio, bound: 1.3, unit: "times"},
	{line: "speech lost at the press, microphone open", aim: "0 ms",
		of: []string{"press to first sample, microphone open"}, bound: 1, unit: "ms"},
	{line: "speech lost at the press, with a pre-roll", aim: "0 ms",
		of: []string{"press to first sample, pre-roll of 300 ms"}, unit: "ms"},
	{line: "wakeups while idle", aim: "at most 0.2 a second", of: []string{"idle: wakeups"}, bound: 0.2, unit: "a second"},
	{line: "memory while idle", aim: "at most 15 MiB", of: []string{"idle: memory"}, bound: 15, unit: "MiB",
		why: "it counts what the kernel has mapped of the program's own file, which differs by 3 MiB from start to start"},
	{line: "exposure of the helper, by systemd-analyze security", aim: "at most 0.6", of: []string{"exposure, helper"}, bound: 0.6, unit: "of 10"},
	{line: "exposure of the user's unit with its sandbox", aim: "at most 1.5", of: []string{"exposure, user unit, sandbox"}, bound: 1.5, unit: "of 10"},
	{line: "memory that one key event takes", aim: "0 allocations", of: []string{"Hold allocs/op"}, unit: "allocations"},
	{line: "a core's time for finding the voice, while the key is held", aim: "at most 2 %",
		of: []string{"Window ns/op"}, combine: func(v []float64) float64 { return 100 * v[0] / 32e6 }, bound: 2, unit: "%"},
	{line: "memory that one block of sound takes", aim: "0 allocations", of: []string{"Block allocs/op"}, unit: "allocations"},
}

const beyond = `What takes hours has commands and pages of its own: 24 layouts of 5,000 characters each under sway and under Xorg
are typed by ` + "`make sweep-typing`" + `, fifty faults happen in ` + "`make faults`" + ` (docs/reliability.md), and random ones in
` + "`make sweep-random`" + ` and ` + "`make sweep-faults`" + `.
`

// A section is a table of the page.
type section struct {
	title, how string
	rows       []string // as they are measured
	picture    picture  // of some of them, or none
}

var sections = []section{
	{title: "From press to sound", how: `A Recorder on a PulseAudio of the host records what an output plays, whose samples say when they were spoken. Negative is
before the press. The limit is what the server keeps: of a closed microphone there is nothing to be had until it is open; of an open one all
is there, and the pre-roll says how much of the time before the press is kept.`, rows: []string{
		"press to first sample, microphone closed", "press to first sample, microphone open", "press to first sample, pre-roll of 300 ms"}},
	{title: "From release to text", how: `In the machine, by the kernel's stamps of the physical key and of the virtual keyboard's, "ok then." with a recognizer that answers
at once. The last row is the daemon on the host, with a keyboard that costs nothing and no compositor to ask; one question to a compositor is
State, below. The limit is the tail, which ends when the voice has, at least 60 ms after the release and at most 400 (audio.tail): nothing can be there
before it is over and the recognizer has answered, and all rows but the third and the last contain it. These nine characters, with the space that follows them, are pressed
together; from the first key to the last is what the processor takes for that.`, rows: []string{
		"release to first key", "release to last key", "release to first key, tail and recognizer taken off", "release to last key, vocoder-engine",
		"recognizer's answer to first key, on the host"}},
	{title: "By the length of what was said", how: `The daemon on the host hears people from a PulseAudio and has vocoder-engine transcribe them while they speak, as is usual. What remains at
the release is the last stretch; the error rate says that nothing is paid for it with words. The limit is the tail, at least 60 ms, which each row contains.
What a row has beyond it is the recognizer: a stretch has at least 1.5 s and ends in a gap between words, and what was said since the last one it is
given only after the tail.`, rows: lengths(), picture: lengthsPicture()},
	{title: "Typing, beside others", how: `Each types the same texts of 60 and of 1000 characters of prose into the same terminal of the machine, in turn. The rate is what the long
text takes longer than the short one, so that starting counts for nobody. Wrong are characters that are missing, others or too many:
where many are, the rate says nothing. ydotool works as root; wtype needs a Wayland compositor, xdotool an X server. The limit of
vocoder's rate is its own pace: 2 ms a key are 500 characters a second, which Prose, below, shows on the host. The queue from the kernel to
the compositor holds 64 events, those of 16 characters, and nobody who types is told that some were lost; so vocoder presses at most 40 together and
waits until they are taken.`, rows: contests(), picture: typingPicture()},
	{title: "What it costs", how: `In the machine, beside nothing: three minutes of idling, and fifteen short utterances. The helper is vocoder-inputd with a daemon
that has its devices from it, for half of that time; the other rows are the daemon that opens them itself. While idle, all that is done within a tenth of a
second is one wakeup; while dictating, each time that a thread had gone to sleep. The limit while idle is
systemd's watchdog, WatchdogSec=30, which the daemon answers after half of that, 0.067 times a second, and the helper after a third, 0.1 times; while the
microphone is open the daemon asks the sound server for blocks of 20 ms, 50 a second. Memory that is not its own is that of files, the program above all.`, rows: costs()},
	{title: "Hot paths", how: `Go benchmarks on the host. Hold is a press and its release from the kernel's bytes to the event, Block 20 ms of sound from the server to meter, voice and
recording, Window one look of Silero VAD at 32 ms, Step one decision, State the questions to compositor, sway and bus before a text, Table a keymap made ready to type with, and Prose typing into the terminal of a real sway. The limits: Block has 20 ms until
the next one comes; State is asked before each text, and Table made where layout, group or locks are others than before, so both are part of what vocoder adds
before the first key; Prose is at its pace, 2 ms a key.`, rows: []string{
		"Hold ns/op", "Hold allocs/op", "Block ns/op", "Block allocs/op", "Window ns/op", "Window allocs/op", "Step ns/op", "State ns/op", "Table ns/op", "Prose chars/s", "Prose wrong"}},
}

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

// contestants are who types in TestBenchTyping, and in which session.
var contestants = []string{"sway: vocoder", "sway: wtype", "sway: wtype -d 6", "sway: ydotool", "sway: ydotool --key-delay 0",
	"xorg: vocoder", "xorg: xdotool", "xorg: xdotool --delay 0", "xorg: ydotool", "xorg: ydotool --key-delay 0"}

func contests() (rows []string) {
	for _, who := range contestants {
		rows = append(rows, "rate, "+who, "wrong, "+who)
	}
	return rows
}
