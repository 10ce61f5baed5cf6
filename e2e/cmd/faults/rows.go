package main

import "strings"

// A row is a fault that the daemon must survive, and the tests that cause it.
type row struct {
	id     string // "F-01"
	fault  string // what happens
	result string // what must follow for the user
	fakes  []test // in virtual time, without devices
	real   []test // in the virtual machine
	limit  string // what no test shows, and why; empty: the tests show all
}

// A test has the path of its package below the module, and a name. The name may have a
// subtest as the source spells it: "TestHold/slips".
type test struct{ folder, name string }

// gnome reports whether the test needs the virtual machine with GNOME, which is Debian 13.
func (t test) gnome() bool { return strings.HasPrefix(t.name, "TestDesktop") }

// at returns the tests of the row at a place.
func (r row) at(place string) (some []test) {
	if place == fakes {
		return r.fakes
	}
	for _, t := range r.real {
		if place == trixie || !t.gnome() {
			some = append(some, t)
		}
	}
	return some
}

func fake(folder string, names ...string) (all []test) {
	for _, name := range names {
		all = append(all, test{folder, name})
	}
	return all
}

func machine(names ...string) []test { return fake("e2e", names...) }

func both(some ...[]test) (all []test) {
	for _, s := range some {
		all = append(all, s...)
	}
	return all
}

// byChance are the tests that choose faults at random.
var byChance = row{
	fakes: both(fake("dictate", "TestRandomSequences", "TestRandomDictations"), fake("evdev", "TestWhateverHappens"), fake("internal/app/daemon", "TestRandomCrossings")),
	real:  machine("TestRandomFaults"),
}

// rows are all faults, in the order of their numbers.
var rows = []row{
	{"F-01", "The device of the key is unplugged while the key is down",
		"As if you released the key: what you said until then is typed",
		fake("evdev", "TestUnplugEndsTheHold", "TestUnplugEndsTheHoldForALateReader"), machine("TestHold/unplugged while held"), ""},
	{"F-02", "The device is plugged in again, at another device node",
		"The daemon listens to it again",
		fake("evdev", "TestReplug", "TestNodeIsAnotherDeviceNow"), machine("TestHold/plugged in elsewhere", "TestHold/plugged in again"), ""},
	{"F-03", "Other devices are plugged in and out during a hold",
		"The recording is complete",
		fake("evdev", "TestOthersComeAndGoDuringAHold", "TestOwnDeviceIsNotHeard"), machine("TestHold/devices come and go"), ""},
	{"F-04", "The kernel drops events (SYN_DROPPED), the release of the key among them",
		"The hold ends, and the next hold works",
		fake("evdev", "TestFloodIsMadeGood", "TestLostEventsAreMadeGood"), machine("TestHold/events lost"), ""},
	{"F-05", "The key is down when daemon and helper start",
		"Nothing is recorded until you press it again",
		fake("evdev", "TestHeldAtOpenCountsForNothing"), machine("TestHold/down at the start", "TestFault/F-05 down at the start"), ""},
	{"F-06", "The key is held longer than the maximum",
		"When you release it, what you said until the maximum is typed",
		fake("dictate", "TestStep"), machine("TestHold/held for too long"), ""},
	{"F-07", "The contact of the key bounces, or you only touch the key",
		"A bouncing press is one hold; a touch sends nothing",
		both(fake("evdev", "TestBounceIsOneHold"), fake("dictate", "TestStep")), machine("TestHold/slips"), ""},
	{"F-08", "You speak again before the last words are recognized, and the answers arrive in reverse order",
		"The texts are typed in the order spoken; a ninth recording is refused, and the status says so",
		fake("dictate", "TestRunOrder", "TestStep"), machine("TestHold/answers out of order", "TestHold/backlog"), ""},
	{"F-09", "The key repeats, and a second device has the same key",
		"One hold, which ends when the key is up on all devices",
		fake("evdev", "TestOneHold", "TestSecondDeviceJoinsTheHold"), machine("TestHold/repeats and a second device"), ""},
	{"F-10", "The computer goes to sleep while the key is down",
		"The hold ends, and its words are typed after waking",
		fake("internal/linux/session", "TestDecide"), machine("TestHold/sleep"), "The signals of logind are real. The sleep is a program that waits, because the virtual machine cannot sleep"},
	{"F-11", "The clock is set by a day during a hold",
		"Nothing changes",
		fake("evdev", "TestTimesAreTheKernels", "TestTimesAreNotInTheFuture"), machine("TestHold/clock set"), ""},
	{"F-12", "The sound server restarts, idle and during a hold",
		"The daemon records again, and keeps what it had recorded",
		fake("capture", "TestServerRestartsIdle", "TestServerRestartsMidHold", "TestServerDiesMidHold"), machine("TestFault/F-12 sound server restarted"), ""},
	{"F-13", "The default microphone changes",
		"The next press uses the new one",
		fake("capture", "TestDefaultChanges"), machine("TestFault/F-13 default microphone changed"), "The second microphone of the virtual machine gets its sound from the first"},
	{"F-14", "The microphone is removed during a hold",
		"What was recorded is transcribed",
		fake("capture", "TestMicrophoneRemoved"), machine("TestFault/F-14 microphone removed"), "The driver of the card is unbound, because the card of the virtual machine cannot be unplugged"},
	{"F-15", "At the start there is no sound server or no microphone",
		"The daemon starts, says so, and records when there is one",
		fake("capture", "TestNothingThere"), machine("TestFault/F-48 any order"), ""},
	{"F-16", "The microphone gives silence, or no sound at all",
		"Silence is not sent; a stream that stalls is opened again",
		fake("capture", "TestSilentMicrophone", "TestServerStalls"), machine("TestFault/F-16 muted", "TestMicrophone/muted", "TestMicrophone/silence"), ""},
	{"F-17", "The recognizer is down",
		"The daemon tries again for a minute, then keeps the recording for `vocoderctl retry`",
		fake("whisper", "TestRecognizerComesBack"), machine("TestFault/F-17 recognizer down", "TestDictation/recognizer stopped"), ""},
	{"F-18", "The recognizer hangs at any byte of its answer",
		"The daemon gives up after a time that grows with the length of the recording",
		fake("whisper", "TestEveryByteBoundary", "TestDialHangs", "TestUploadStalls", "TestAnswerStops"), machine("TestFault/F-45 watchdog"), ""},
	{"F-19", "The recognizer answers with errors, redirects, garbage or endless data",
		"The daemon tries again where that may help, reads a limited amount, and never types such an answer",
		fake("whisper", "TestFaults", "TestEndlessAnswers", "TestGzip", "FuzzDecode"), machine("TestFault/F-19 answers of all sorts"), ""},
	{"F-20", "Another user listens at the recognizer's port first",
		"That user gets nothing, and the status says why",
		both(fake("whisper", "TestPortOfAnotherUser"), fake("internal/linux/tcpowner", "TestOwners")), machine("TestFault/F-20 port of another user"), ""},
	{"F-21", "The daemon is killed while it records",
		"It starts again and types nothing; the key, still down, starts no recording",
		nil, machine("TestFault/F-21 killed while recording"), ""},
	{"F-22", "The daemon is killed while it types",
		"No key stays down, and nothing is typed twice",
		fake("cmd/vocoder-inputd", "TestLeave"), machine("TestFault/F-22 killed while typing", "TestHelper/killed at any stroke", "TestKilled"), ""},
	{"F-23", "The helper is killed while it types, with Shift down",
		"No key stays down; the text is not typed again, and `vocoderctl last --print` prints it",
		fake("internal/app/helper", "TestHelperTrouble"), machine("TestFault/F-23 helper killed with Shift down"), ""},
	{"F-24", "You hold a key of a keyboard down when a text is ready",
		"The text is typed when the key is up",
		fake("inject", "TestKeyHeldBefore", "TestKeyPressedMeanwhile"), machine("TestFault/F-24 keys down", "TestKeysHeld"), ""},
	{"F-25", "A second daemon is started",
		"It says why it ends, and the first continues",
		fake("internal/control", "TestOnePlace", "TestLiveSocketIsLeft"), machine("TestFault/F-25 two daemons"), ""},
	{"F-26", "/dev/uinput does not exist",
		"The status says so and the text is kept; `vocoderctl retry` types it when the device exists",
		fake("cmd/vocoder-inputd", "TestNotReady"), machine("TestFault/F-26 no uinput"), ""},
	{"F-27", "A device node becomes readable only some time after it was created",
		"The daemon listens to it then",
		fake("evdev", "TestNodeBecomesReadable"), machine("TestHold/readable only later"), ""},
	{"F-28", "The session is locked",
		"The key does nothing, and nothing is typed",
		both(fake("dictate", "TestStep"), fake("cmd/vocoder-inputd", "TestNotReady")), machine("TestFault/F-28 locked", "TestHold/lock", "TestHelper/locked and inactive", "TestMicrophone/locked"), "The daemon notices only a lock that logind reports (LockedHint)"},
	{"F-29", "Another session is on the screen",
		"The key does nothing, and nothing is typed",
		both(fake("internal/linux/session", "TestDecide"), fake("cmd/vocoder-inputd", "TestNotReady")), machine("TestFault/F-29 another terminal", "TestHold/another terminal", "TestHelper/locked and inactive"), ""},
	{"F-30", "A user is logged in only over ssh",
		"The helper refuses the connection",
		both(fake("internal/linux/session", "TestDecide"), fake("cmd/vocoder-inputd", "TestNotReady")), machine("TestHelper/another user", "TestHelper/locked and inactive"), "The helper decides by user: while your own session at the computer is in use, it also admits what you run over ssh"},
	{"F-31", "The text is ready when another window has the focus, or when the session is locked or away",
		"It is typed into the window with the focus; after 30 s away it is kept for `vocoderctl retry`",
		fake("dictate", "TestStep"), machine("TestFault/F-31 focus elsewhere, text too old"), "There is no option to stop when the focus changes"},
	{"F-32", "The text has control characters, line ends, bidi overrides or lone surrogates",
		"None of them reaches a window",
		fake("inject", "TestClean", "FuzzClean", "FuzzType"), machine("TestFault/F-32 control characters"), ""},
	{"F-33", "The text has characters that a shell interprets, and the window is a shell",
		"No command runs: the helper's keyboard has no Enter",
		fake("inject", "TestClean", "TestShiftEnter"), machine("TestFault/F-33 at a prompt", "TestHelper/golden keys"), ""},
	{"F-34", "The recognizer makes up words, or repeats itself",
		"The text is refused",
		both(fake("internal/app/recognition", "TestMadeUp"), fake("whisper", "TestFilter", "FuzzFilter")), machine("TestFault/F-34 words made up"), ""},
	{"F-35", "The keyboard layout lacks a character",
		"The text is pasted, or the status says what is missing; no wrong key is pressed",
		both(fake("inject", "TestUntypable"), fake("inject/keymap", "TestPlanIsAllOrNothing")), machine("TestFault/F-35 characters the layout lacks"), "`make sweep-typing` types on 24 real layouts"},
	{"F-36", "The disk is full and the home folder read-only, also at the start",
		"Dictation works",
		nil, machine("TestFault/F-36 nothing can be written"), ""},
	{"F-37", "A signal that makes programs write a core dump ends the daemon; then the disk is searched",
		"No sound on the disk, in the journal or in a core dump",
		fake("whisper", "TestSoundIsClosed"), machine("TestMicrophone/canary", "TestHelper/nothing leaks"), ""},
	{"F-38", "Daemon and helper are stopped for ten seconds, and no processor is free",
		"The sound that the server kept is transcribed, and nothing restarts",
		nil, machine("TestFault/F-38 stopped and starved"), ""},
	{"F-39", "Thousands of utterances",
		"Memory, descriptors and goroutines do not grow",
		fake("whisper", "TestThousandDictations"), machine("TestFault/F-39 many utterances"), "The virtual machine does fifty. `make sweep-soak` records for an hour, and ten thousand times, with a real sound server"},
	{"F-40", "journald is stopped, or does not run",
		"Dictation works",
		nil, machine("TestFault/F-40 no journal"), ""},
	{"F-41", "The log at level debug is searched for the dictated words",
		"They are not there",
		both(fake("dictate", "TestRunLogsNoWords"), fake("whisper", "TestCanary"), fake("evdev", "TestNoKeyIsLogged")), machine("TestFault/F-41 nothing logged"), ""},
	{"F-42", "The recognizer needs a key",
		"LoadCredential= passes the key, and it can be read nowhere else",
		fake("internal/app/recognition", "TestCredential"), machine("TestFault/F-42 key of the recognizer"), ""},
	{"F-43", "The recognizer is on another computer",
		"It must use https with a valid certificate; otherwise it is refused",
		fake("whisper", "TestTLS", "TestTLSToPlainServer", "TestProxy", "TestBadConfig"), machine("TestFault/F-43 recognizer by TLS"), "The recognizer of the test has a port of its own in the virtual machine, which reaches no network"},
	{"F-44", "The settings have a mistake, at a reload and at the start",
		"The reload fails and the old settings stay; at the start the daemon ends with status 78 and is not restarted",
		fake("internal/config", "TestErrors", "TestAllErrorsAtOnce"), machine("TestFault/F-44 mistakes in the settings"), ""},
	{"F-45", "The daemon or one of its loops hangs; the recognizer hangs for a minute",
		"The watchdog restarts a daemon that hangs; a recognizer that hangs restarts nothing",
		both(fake("internal/app/daemon", "TestWatchdog"), fake("cmd/vocoder-inputd", "TestWatchdog"), fake("dictate", "TestAlive")), machine("TestFault/F-45 watchdog", "TestDictation/watchdog"), "In the virtual machine the whole process is stopped. The test on fakes checks each loop"},
	{"F-46", "SIGTERM while you speak, and while the recognizer works",
		"The words are typed, then the daemon ends with status 0",
		fake("dictate", "TestRunQuit"), machine("TestFault/F-46 ended while recognizing", "TestDictation/ended while speaking"), ""},
	{"F-47", "The control socket gets another user, invalid data, half requests and a thousand connections",
		"They are refused or limited, and dictation works",
		fake("internal/control", "TestOtherUser", "TestBadRequests", "TestCrowd", "TestSlowWatcher", "FuzzRequest"), machine("TestFault/F-47 crowd at the socket"), ""},
	{"F-48", "Helper, sound server and daemon start in any order; the helper is replaced",
		"Dictation works when all run",
		fake("internal/app/helper", "TestHelperOtherVersion", "TestHelperTrouble"), machine("TestFault/F-48 any order", "TestHelper/helper restarted"), "The daemon has the setting \"devices: helper\" here. With \"auto\" it decides when it starts: restart a daemon that started before the helper was installed"},
	{"F-49", "The daemon gets too many sockets, or those of another program",
		"It leaves them alone and uses its own",
		both(fake("internal/app/daemon", "TestOwn"), fake("internal/control", "TestServeAdopted")), machine("TestFault/F-49 sockets passed"), ""},
	{"F-50", "The keyboard layout changes while the daemon runs",
		"The next text is typed in the new layout",
		fake("inject", "TestLayoutChanges"), machine("TestFault/F-50 layout changed", "TestGroups"), ""},
	{"F-51", "The overlay is stopped or killed, or hundreds of statuses come at once",
		"The text is typed, no later than without; the overlay is started again",
		both(fake("internal/control", "TestSlowWatcher"), fake("internal/osd", "TestDaemonFails")), machine("TestOverlay/stopped and killed", "TestOverlay/flooded"), ""},
	{"F-52", "GNOME Shell is stopped, or its extension disabled, and another program pretends to be the shell",
		"The text arrives whole, without the extension as before; only the shell is believed",
		both(fake("inject/desktop", "TestHintsOfOthers"), fake("internal/app/daemon", "TestPasswordField")), machine("TestDesktopExtension/stopped and flooded", "TestDesktopExtension/disabled"), "Debian 12 has GNOME 43. The extension needs GNOME 45"},
}
