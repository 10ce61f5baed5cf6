package main

// A row is a fault that the daemon has to survive, and the tests that have it
// happen.
type row struct {
	id    string // "F-01"
	fault string // what is done
	holds string // what has to come of it
	fakes []test // in virtual time, without devices
	real  []test // in the virtual machine
	lacks string // what of the fault no test does, and what stands in the way
}

// A test is one by its path below the module and its name, which may have
// subtests: "TestHold/slips", spaces as they are written there.
type test struct{ folder, name string }

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

// byChance is where chance chooses among all that can happen.
var byChance = row{
	fakes: both(fake("dictate", "TestRandomSequences", "TestRandomDictations"), fake("evdev", "TestWhateverHappens")),
	real:  machine("TestRandomFaults"),
}

// rows are all faults, in order.
var rows = []row{
	{"F-01", "the key's device is unplugged while held", "as if let go: what was said until then is typed",
		fake("evdev", "TestUnplugEndsTheHold", "TestUnplugEndsTheHoldForALateReader"), machine("TestHold/unplugged while held"), ""},
	{"F-02", "the device is plugged in again, at another node", "heard again by itself",
		fake("evdev", "TestReplug", "TestNodeIsAnotherDeviceNow"), machine("TestHold/plugged in elsewhere", "TestHold/plugged in again"), ""},
	{"F-03", "other devices come and go during a hold", "the recording lacks nothing of it",
		fake("evdev", "TestOthersComeAndGoDuringAHold", "TestOwnDeviceIsNotHeard"), machine("TestHold/devices come and go"), ""},
	{"F-04", "the kernel throws events away (SYN_DROPPED), the release among them", "the hold ends; the next begins",
		fake("evdev", "TestFloodIsMadeGood", "TestLostEventsAreMadeGood"), machine("TestHold/events lost"), ""},
	{"F-05", "the key is down as daemon and helper start", "no recording until it is pressed anew",
		fake("evdev", "TestHeldAtOpenCountsForNothing"), machine("TestHold/down at the start", "TestFault/F-05 down at the start"), ""},
	{"F-06", "the key is held beyond the maximum", "what was said until then is typed, once the key is up",
		fake("dictate", "TestStep"), machine("TestHold/held for too long"), ""},
	{"F-07", "the contact bounces; the key is only touched", "one hold; nothing is sent",
		both(fake("evdev", "TestBounceIsOneHold"), fake("dictate", "TestStep")), machine("TestHold/slips"), ""},
	{"F-08", "more is said while the last is recognized; the answers come in reverse", "typed in the order spoken; the ninth is refused, visibly",
		fake("dictate", "TestRunOrder", "TestStep"), machine("TestHold/answers out of order", "TestHold/backlog"), ""},
	{"F-09", "the key repeats; a second device has it too", "one hold, until all are up",
		fake("evdev", "TestOneHold", "TestSecondDeviceJoinsTheHold"), machine("TestHold/repeats and a second device"), ""},
	{"F-10", "the machine goes to sleep while the key is held", "the hold ends; its words are typed after waking",
		fake("internal/linux/session", "TestDecide"), machine("TestHold/sleep"), "logind's part is real; the sleep itself is a program that waits, as the virtual machine cannot sleep"},
	{"F-11", "the clock is set by a day during a hold", "nothing comes of it",
		fake("evdev", "TestTimesAreTheKernels", "TestTimesAreNotInTheFuture"), machine("TestHold/clock set"), ""},
	{"F-12", "the sound server is restarted, idle and during a hold", "heard again by itself; what was recorded before is kept",
		fake("capture", "TestServerRestartsIdle", "TestServerRestartsMidHold", "TestServerDiesMidHold"), machine("TestFault/F-12 sound server restarted"), ""},
	{"F-13", "the default microphone becomes another", "taken at the next press, not before",
		fake("capture", "TestDefaultChanges"), machine("TestFault/F-13 default microphone changed"), "the second microphone has its sound from the first: the virtual machine has one"},
	{"F-14", "the microphone is removed during a hold", "what was recorded is transcribed",
		fake("capture", "TestMicrophoneRemoved"), machine("TestFault/F-14 microphone removed"), "the card is taken from its driver, as it cannot be pulled"},
	{"F-15", "no sound server, no microphone at the start", "the daemon starts, says so, and hears once there is one",
		fake("capture", "TestNothingThere"), machine("TestFault/F-48 any order"), ""},
	{"F-16", "the microphone gives silence, or nothing at all", "silence is not sent; a stream that stalls is opened anew",
		fake("capture", "TestSilentMicrophone", "TestServerStalls"), machine("TestFault/F-16 muted", "TestMicrophone/muted", "TestMicrophone/silence"), ""},
	{"F-17", "the recognizer is down", "asked again for a minute, then kept to be retried",
		fake("whisper", "TestRecognizerComesBack"), machine("TestFault/F-17 recognizer down", "TestDictation/recognizer stopped"), ""},
	{"F-18", "the recognizer hangs at any byte of its answer", "given up after a time that grows with the recording",
		fake("whisper", "TestEveryByteBoundary", "TestDialHangs", "TestUploadStalls", "TestAnswerStops"), machine("TestFault/F-45 watchdog"), ""},
	{"F-19", "the recognizer answers with errors, redirects, garbage, bombs", "asked again where that may help; bounded; never typed",
		fake("whisper", "TestFaults", "TestEndlessAnswers", "TestGzip", "FuzzDecode"), machine("TestFault/F-19 answers of all sorts"), ""},
	{"F-20", "another user listens at the recognizer's port first", "is sent nothing; the status says why",
		both(fake("whisper", "TestPortOfAnotherUser"), fake("internal/linux/tcpowner", "TestOwners")), machine("TestFault/F-20 port of another user"), ""},
	{"F-21", "the daemon is killed while recording", "up again by itself; nothing is typed; the key, still down, starts nothing",
		nil, machine("TestFault/F-21 killed while recording"), ""},
	{"F-22", "the daemon is killed while typing", "no key stays down; nothing is typed again",
		fake("cmd/vocoder-inputd", "TestLeave"), machine("TestFault/F-22 killed while typing", "TestHelper/killed at any stroke", "TestKilled"), ""},
	{"F-23", "the helper is killed while typing, Shift down", "no key stays down; the text is not typed again and told on request",
		fake("internal/app/helper", "TestHelperTrouble"), machine("TestFault/F-23 helper killed with Shift down"), ""},
	{"F-24", "a key is held on a keyboard while text is to be typed", "typed once it is up",
		fake("inject", "TestKeyHeldBefore", "TestKeyPressedMeanwhile"), machine("TestFault/F-24 keys down", "TestKeysHeld"), ""},
	{"F-25", "a second daemon is started", "goes, and says why; the first goes on",
		fake("internal/control", "TestOnePlace", "TestLiveSocketIsLeft"), machine("TestFault/F-25 two daemons"), ""},
	{"F-26", "there is no /dev/uinput", "the status says so; the text is kept, and typed when there is",
		fake("cmd/vocoder-inputd", "TestNotReady"), machine("TestFault/F-26 no uinput"), ""},
	{"F-27", "a node is readable only a while after it came", "heard then",
		fake("evdev", "TestNodeBecomesReadable"), machine("TestHold/readable only later"), ""},
	{"F-28", "the session is locked", "neither heard nor typed into",
		both(fake("dictate", "TestStep"), fake("cmd/vocoder-inputd", "TestNotReady")), machine("TestFault/F-28 locked", "TestHold/lock", "TestHelper/locked and inactive", "TestMicrophone/locked"), "a locker that does not tell logind (LockedHint) is not noticed"},
	{"F-29", "another session is on the screen", "neither heard nor typed into",
		both(fake("internal/linux/session", "TestDecide"), fake("cmd/vocoder-inputd", "TestNotReady")), machine("TestFault/F-29 another terminal", "TestHold/another terminal", "TestHelper/locked and inactive"), ""},
	{"F-30", "a session over ssh", "refused by the helper",
		both(fake("internal/linux/session", "TestDecide"), fake("cmd/vocoder-inputd", "TestNotReady")), machine("TestHelper/another user", "TestHelper/locked and inactive"), "while a user's own session at the machine is in use, what that user runs over ssh is not told from it: admission is by user"},
	{"F-31", "the text comes when another window has the focus; it is too old", "typed into the window that has it; after 30 s away it is kept",
		fake("dictate", "TestStep"), machine("TestFault/F-31 focus elsewhere, text too old"), "no option aborts on a change of focus"},
	{"F-32", "control characters, line ends, bidi overrides, lone surrogates in the text", "none reaches a window",
		fake("inject", "TestClean", "FuzzClean", "FuzzType"), machine("TestFault/F-32 control characters"), ""},
	{"F-33", "a shell's metacharacters at a prompt", "nothing is run: the helper's keyboard has no Enter",
		fake("inject", "TestClean", "TestShiftEnter"), machine("TestFault/F-33 at a prompt", "TestHelper/golden keys"), ""},
	{"F-34", "the recognizer makes up words, or repeats itself", "refused",
		both(fake("internal/app/recognition", "TestMadeUp"), fake("whisper", "TestFilter", "FuzzFilter")), machine("TestFault/F-34 words made up"), ""},
	{"F-35", "characters the layout has not", "pasted, or said to be missing; never wrong keys",
		both(fake("inject", "TestUntypable"), fake("inject/keymap", "TestPlanIsAllOrNothing")), machine("TestFault/F-35 characters the layout lacks"), "typing on 24 real layouts: make sweep-typing"},
	{"F-36", "the disk is full and home read-only, at the start too", "nothing comes of it",
		nil, machine("TestFault/F-36 nothing can be written"), ""},
	{"F-37", "the daemon dies by a signal that dumps core; the disk is searched", "no sound on it, in the journal, or in a core",
		fake("whisper", "TestSoundIsWiped"), machine("TestMicrophone/canary", "TestHelper/nothing leaks"), ""},
	{"F-38", "daemon and helper stand still for ten seconds; no processor is free", "what the sound server kept is transcribed; no restart",
		nil, machine("TestFault/F-38 stopped and starved"), ""},
	{"F-39", "thousands of utterances", "memory, descriptors and goroutines stay",
		fake("whisper", "TestThousandDictations"), machine("TestFault/F-39 many utterances"), "in the machine they are fifty; an hour, and ten thousand recordings, with a real sound server: make sweep-soak"},
	{"F-40", "journald stands still, or is not there", "dictation goes on",
		nil, machine("TestFault/F-40 no journal"), ""},
	{"F-41", "everything logged at level debug is searched for what was said", "not there",
		both(fake("dictate", "TestRunLogsNoWords"), fake("whisper", "TestCanary"), fake("evdev", "TestNoKeyIsLogged")), machine("TestFault/F-41 nothing told"), ""},
	{"F-42", "the recognizer wants a key", "passed by LoadCredential=, and readable nowhere else",
		fake("internal/app/recognition", "TestCredential"), machine("TestFault/F-42 key of the recognizer"), ""},
	{"F-43", "the recognizer is far away", "https with a certificate that is checked, or refused",
		fake("whisper", "TestTLS", "TestTLSToPlainServer", "TestProxy", "TestBadConfig"), machine("TestFault/F-43 recognizer by TLS"), "in the machine the recognizer is at a port of its own: no network leads out of it"},
	{"F-44", "a mistake in the settings, at a reload and at the start", "the old ones stay and the reload fails; exit 78, no loop",
		fake("internal/config", "TestErrors", "TestAllErrorsAtOnce"), machine("TestFault/F-44 mistakes in the settings"), ""},
	{"F-45", "the daemon, or one of its loops, stands still; the recognizer hangs for a minute", "started anew by the watchdog; left alone",
		both(fake("internal/app/daemon", "TestWatchdog"), fake("cmd/vocoder-inputd", "TestWatchdog"), fake("dictate", "TestAlive")), machine("TestFault/F-45 watchdog", "TestDictation/watchdog"), "in the machine the process is stopped as a whole; that each of its loops is asked, the test on fakes shows"},
	{"F-46", "SIGTERM while speaking and while recognizing", "the words are typed, then the exit is clean",
		fake("dictate", "TestRunQuit"), machine("TestFault/F-46 ended while recognizing", "TestDictation/ended while speaking"), ""},
	{"F-47", "another user, nonsense, half requests and a thousand connections at the control socket", "refused; bounded; dictation goes on",
		fake("internal/control", "TestOtherUser", "TestBadRequests", "TestCrowd", "TestSlowWatcher", "FuzzRequest"), machine("TestFault/F-47 crowd at the socket"), ""},
	{"F-48", "helper, sound server and daemon start in any order; the helper is replaced", "it settles by itself",
		fake("internal/app/helper", "TestHelperOtherVersion", "TestHelperTrouble"), machine("TestFault/F-48 any order", "TestHelper/helper restarted"), "the daemon is told \"devices: helper\" for this: with \"auto\" it takes what there is as it starts, and one that started before the helper was installed has to be started anew"},
	{"F-49", "descriptors are passed that are another's, or too many", "left alone; its own is taken",
		both(fake("internal/app/daemon", "TestOwn"), fake("internal/control", "TestServeAdopted")), machine("TestFault/F-49 sockets passed"), ""},
	{"F-50", "the keyboard layout changes while running", "the next text is typed in the new one",
		fake("inject", "TestLayoutChanges"), machine("TestFault/F-50 layout changed", "TestGroups"), ""},
}
