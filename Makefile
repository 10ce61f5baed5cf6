# vocoder: hold a key, speak, release it.
#
# make help lists the targets. install uses PREFIX and DESTDIR.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PREFIX  ?= /usr/local
BINDIR        ?= $(PREFIX)/bin
LIBEXECDIR    ?= $(PREFIX)/libexec
SYSCONFDIR    ?= /etc
SYSTEMDDIR    ?= $(PREFIX)/lib
UDEVDIR       ?= $(PREFIX)/lib/udev/rules.d
LIBDIR        ?= $(PREFIX)/lib/vocoder
SHAREDIR      ?= $(PREFIX)/share/vocoder
# systemd does not look into ~/.local/lib: systemd.unit(5).
USERUNITDIR   ?= $(PREFIX)/$(if $(filter $(or $(HOME),/nowhere)/%,$(PREFIX)),share,lib)/systemd/user
SYSTEMUNITDIR ?= $(PREFIX)/lib/systemd/system
MANDIR        ?= $(PREFIX)/share/man
DOCDIR        ?= $(PREFIX)/share/doc/vocoder
BASHDIR       ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR        ?= $(PREFIX)/share/zsh/site-functions
FISHDIR       ?= $(PREFIX)/share/fish/vendor_completions.d
DESKTOPDIR    ?= $(PREFIX)/share/applications
METAINFODIR   ?= $(PREFIX)/share/metainfo
ICONDIR       ?= $(PREFIX)/share/icons/hicolor/scalable/apps
# Not exported, because tests run make install for other folders.
PLACES = DESTDIR='$(DESTDIR)' BINDIR='$(BINDIR)' LIBEXECDIR='$(LIBEXECDIR)' SYSCONFDIR='$(SYSCONFDIR)' SYSTEMDDIR='$(SYSTEMDDIR)' UDEVDIR='$(UDEVDIR)' LIBDIR='$(LIBDIR)' SHAREDIR='$(SHAREDIR)' USERUNITDIR='$(USERUNITDIR)' SYSTEMUNITDIR='$(SYSTEMUNITDIR)' MANDIR='$(MANDIR)' DOCDIR='$(DOCDIR)' BASHDIR='$(BASHDIR)' ZSHDIR='$(ZSHDIR)' FISHDIR='$(FISHDIR)' DESKTOPDIR='$(DESKTOPDIR)' METAINFODIR='$(METAINFODIR)' ICONDIR='$(ICONDIR)'
# The one source of the version of programs, packages and manual pages.
VERSION := $(shell cat internal/version/VERSION)

GO         ?= go
LDFLAGS    := -s -w
# For what the build itself runs, when GOARCH names another processor.
HOSTGO     = env -u GOARCH -u GOARM -u CC $(GO)
# The processor of the programs: make build GOARCH=arm64, and so for engine and package.
# Without go, as for sudo make install, the kernel says which this one is.
HOSTARCH  := $(or $(shell env -u GOARCH $(GO) env GOARCH 2>/dev/null),$(subst x86_64,amd64,$(subst aarch64,arm64,$(shell uname -m))))
GOARCH    ?= $(HOSTARCH)
export GOARCH
# What is built for another processor does not replace what runs here.
export BIN = bin$(if $(filter-out $(HOSTARCH),$(GOARCH)),/$(GOARCH))
CC_arm64   = aarch64-linux-gnu-gcc
CROSSCC    = $(if $(filter-out $(HOSTARCH),$(GOARCH)),CC=$(or $(CC_$(GOARCH)),$(error vocoder-engine has no library for $(GOARCH))))
LICENSES   = $(HOSTGO) run -trimpath ./packaging/licenses -arch $(GOARCH)
ENGINEPARTS = -C engine -parts engine/licenses/parts.txt
# Beside Go's cache, which may be elsewhere than in HOME.
export STATICCHECK_CACHE ?= $(shell $(GO) env GOCACHE)-staticcheck
STATICCHECK = $(GO) tool -modfile=tools.mod staticcheck
# For the module in e2e/. Its programs run in this folder.
E2E        = $(GO) -C e2e

.PHONY: help
help: ## say what there is
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: completions ## build bin/vocoder and bin/vocoderctl, static
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o $(BIN)/ ./cmd/...
	@CGO_ENABLED=0 $(LICENSES) copyright ./cmd/... > $(BIN)/copyright
	@CGO_ENABLED=0 $(LICENSES) expression ./cmd/... > $(BIN)/license

.PHONY: completions
completions:
	@$(HOSTGO) run -trimpath ./internal/usage/completions $(BIN)/completions vocoder vocoderctl vocoder-engine

.PHONY: engine
engine: deps-engine completions ## fetch, check and build the offline recognizer, bin/vocoder-engine
	$(CROSSCC) engine/build.sh $(NOMODEL) $(BIN)
	@CGO_ENABLED=1 $(LICENSES) $(ENGINEPARTS) copyright ./cmd/vocoder-engine > $(BIN)/copyright-engine
	@CGO_ENABLED=1 $(LICENSES) $(ENGINEPARTS) expression ./cmd/vocoder-engine > $(BIN)/license-engine

.PHONY: model
model: deps-model ## make Whisper base (99 languages, 80 MB) out of OpenAI's weights and install it for bin/vocoder-engine (170 MB to download, once)
	@[ -x bin/vocoder-engine ] || $(MAKE) --no-print-directory engine
	engine/export/make.sh bin/vocoder-engine

.PHONY: whisper-server
whisper-server: deps-whisper ## build whisper.cpp's server for the tests, bin/whisper-server (five minutes, once)
	e2e/servers/whispercpp.sh

# Build at the same time: one part waits for the network, the other for a processor.
.PHONY: demo demo-programs image
demo: deps deps-npm ## watch the main job on real devices, in a virtual machine: a sentence in English, one in Spanish
	@$(MAKE) --no-print-directory -j2 image demo-programs
	bin/demo

demo-programs: build
	@$(MAKE) --no-print-directory engine
	@$(MAKE) --no-print-directory model
	$(E2E) build -o ../bin/demo ./cmd/demo

image: deps ## build the virtual machine's image into the cache (two minutes, once)
	@e2e/image/build.sh > /dev/null

# Recorded human speech with its text, and prompts in five languages, in files named after their text.
SPEECH = pocketsphinx-testdata $(foreach l,en es fr it ru,asterisk-core-sounds-$l-wav)

# What reads the source or draws diagrams has no goroutines, and would take six times as long with -race.
.PHONY: check
check: ## the quick tests: format, vet, staticcheck, unit tests with -race (minutes)
	@unformatted=$$(gofmt -l . ); if [ -n "$$unformatted" ]; then echo "gofmt: $$unformatted"; exit 1; fi
	$(GO) vet ./... && $(STATICCHECK) ./...
	$(GO) test -timeout 40m -race -short $$($(GO) list ./... | tail -n +2) && $(GO) test -timeout 40m -short . ./capture/vad
	cd e2e && $(GO) vet -tags e2e ./... && $$(cd .. && $(STATICCHECK:staticcheck=-n staticcheck)) -tags e2e ./... && $(GO) test -timeout 40m -race -short . ./machine ./servers && $(GO) test -timeout 40m -short ./cmd/...
	cd engine && $(GO) vet ./... && $$(cd .. && $(STATICCHECK:staticcheck=-n staticcheck)) ./... && $(GO) test -timeout 40m ./...

# make timed-TARGET makes TARGET and notes in bin/times how long it took.
timed-%:
	@began=$$SECONDS; $(MAKE) --no-print-directory $*; printf '%6d s  %s\n' $$((SECONDS - began)) '$*' >> bin/times

# The image is made while the programs are: it waits for the network, they for a processor.
# Nothing is run beside the virtual machine, whose sound card loses sound on a busy host.
.PHONY: test test-parts test-deps test-programs
test: ## all tests, those in the virtual machine included (about 20 minutes on two idle cores)
	@mkdir -p bin && : > bin/times
	@began=$$SECONDS; status=0; $(MAKE) --no-print-directory test-parts || status=$$?; \
	cat bin/times; printf '%6d s  in all\n' $$((SECONDS - began)); exit $$status

test-parts:
	@$(MAKE) --no-print-directory timed-test-deps
	@$(MAKE) --no-print-directory -j2 timed-image timed-test-programs
	@VOCODER_REAL=1 $(MAKE) --no-print-directory timed-check
	@for t in test-layouts test-shells test-machine; do $(MAKE) --no-print-directory timed-$$t; done

test-deps: deps deps-engine deps-npm deps-model deps-speech deps-layouts deps-shells deps-gnome

test-programs: build
	@$(MAKE) --no-print-directory engine
	@$(MAKE) --no-print-directory model

.PHONY: deps-speech deps-shells deps-gnome
deps-speech:
	e2e/image/deps.sh $(SPEECH)

deps-shells:
	@e2e/image/deps.sh bash-completion zsh fish

deps-gnome:
	@e2e/image/deps.sh gjs

.PHONY: test-layouts
test-layouts: deps-layouts ## every keyboard layout against libxkbcommon
	$(GO) test -tags xkbcommon -run Oracle -v ./inject/keymap/...

.PHONY: test-shells
test-shells: deps-engine deps-shells ## real bash, zsh and fish complete commands, flags and values; make check does with those that are there
	VOCODER_SHELLS=1 $(GO) test -count 1 -run TestShells -v ./packaging

.PHONY: sweep-desktops
sweep-desktops: ## layouts, pasting, password fields and the overlay on real sway and Xvfb on this host
	e2e/image/deps.sh sway xvfb xclip wl-clipboard x11-xkb-utils dbus at-spi2-core openbox zenity
	VOCODER_DEVICES=1 $(GO) test -count 1 -p 1 ./inject/desktop ./inject/clipboard ./internal/osd/screen

.PHONY: sweep-capture
sweep-capture: ## the microphone on real PulseAudio and PipeWire on this host, and the corpus of noises and people
	e2e/image/deps.sh pulseaudio pulseaudio-utils pipewire pipewire-pulse wireplumber dbus pocketsphinx-testdata asterisk-core-sounds-en-wav
	VOCODER_SWEEP=1 VOCODER_SOUND=1 $(GO) test -count 1 -timeout 20m -v ./capture
	VOCODER_SOUND=1 $(GO) test -count 1 -run TestSoundsNotRecorded -v ./internal/app/daemon

.PHONY: sweep-soak
sweep-soak: ## record for an hour, and ten thousand times, on a real PulseAudio on this host, and look for leaks
	e2e/image/deps.sh pulseaudio
	VOCODER_SWEEP=1 VOCODER_SOUND=1 $(GO) test -count 1 -timeout 130m -run TestSoak -v ./internal/app/daemon

.PHONY: sweep-servers
sweep-servers: engine whisper-server ## the recognizer's client against the real whisper-server and vocoder-engine
	e2e/image/deps.sh pocketsphinx-testdata
	VOCODER_SERVERS=1 $(GO) test -count 1 -run TestRealServers -v ./whisper

.PHONY: sweep-whisper whisper-servers
whisper-servers:
	bin/whisper install

sweep-whisper: deps build deps-whisper ## real Whisper servers on human speech in five languages, on this host and in the virtual machine, and docs/whisper.md (40 minutes; WHISPER=pattern for some servers)
	@$(MAKE) --no-print-directory engine
	@$(MAKE) --no-print-directory model
	e2e/image/deps.sh python3-venv pocketsphinx-testdata asterisk-core-sounds-{en,es,fr,it,ru}-wav
	$(E2E) build -o ../bin/whisper ./cmd/whisper
	@$(MAKE) --no-print-directory -j2 image whisper-servers
	status=0; bin/whisper -run '$(WHISPER)' host || status=1; \
	nice -n 19 bin/whisper -run '$(WHISPER)' prompts & prompts=$$!; bin/whisper machine || status=1; wait $$prompts || status=1; \
	bin/whisper write && exit $$status

.PHONY: sweep-words sweep-terms sweep-translation deps-words
sweep-words: deps-words ## word errors of each recognizer that runs here, what a list of names gains and costs, and docs/words.md (an hour, and goes on where it was ended; after make sweep-whisper; WORDS=pattern for some)
	status=0; bin/words ordinary || status=1; bin/words -run '$(WORDS)' clips || status=1; bin/words -run '$(WORDS)' names || status=1; \
	bin/words -run '$(WORDS)' translate || status=1; bin/words write && exit $$status

deps-words: deps-whisper
	@$(MAKE) --no-print-directory engine
	@$(MAKE) --no-print-directory model
	e2e/image/deps.sh python3-venv festival festvox-ru pocketsphinx-testdata asterisk-core-sounds-{en,es,fr,it,ru}-wav
	$(E2E) build -o ../bin/words ./cmd/words
	e2e/servers/install.sh

sweep-terms: deps-words ## names in speech and in 5,000 ordinary sentences of six languages, with and without the list of the user's words (half an hour; WORDS=pattern for some)
	status=0; bin/words ordinary || status=1; bin/words -run '$(WORDS)' names && exit $$status

sweep-translation: deps-words ## speech in five languages to English text, with the real vocoder-engine and whisper.cpp (five minutes; WORDS=pattern for some)
	bin/words -run '$(WORDS)' translate

WORDS ?=

.PHONY: sweep-languages
sweep-languages: deps build ## vocoder setup in five locales in the virtual machine, with vocoder-engine and Whisper base, and a sentence typed on the layout of each
	@$(MAKE) --no-print-directory engine
	@$(MAKE) --no-print-directory model
	e2e/image/deps.sh espeak-ng asterisk-core-sounds-{es,fr,it,ru}-wav
	@$(MAKE) --no-print-directory image
	VOCODER_SWEEP=1 $(E2E) test -tags e2e -count 1 -timeout 20m -run 'TestSetupLanguages$$' -v .

.PHONY: sweep-cuts
sweep-cuts: deps build deps-whisper ## people who speak without pauses, through vocoder-engine and whisper.cpp, transcribed while they speak and at once, and docs/whisper.md (25 minutes on an idle host; WHISPER=pattern for one)
	@$(MAKE) --no-print-directory engine
	@$(MAKE) --no-print-directory model
	e2e/image/deps.sh python3-venv pocketsphinx-testdata asterisk-core-sounds-{en,es,fr,it,ru}-wav
	$(E2E) build -o ../bin/whisper ./cmd/whisper
	@$(MAKE) --no-print-directory whisper-servers
	status=0; bin/whisper -run '$(WHISPER)' cuts || status=1; bin/whisper write && exit $$status

WHISPER ?=

.PHONY: sweep-live
sweep-live: deps build ## the words while the user speaks: how soon they are shown, how many, and whether the text is later (two minutes, idle host)
	@$(MAKE) --no-print-directory engine
	e2e/image/deps.sh pocketsphinx-testdata
	VOCODER_BENCH=1 $(GO) test -count 1 -run 'TestLiveReal$$' -v ./internal/app/recognition

.PHONY: sweep-voice
sweep-voice: ## whether the gate sends eight voices, whispers, noises and music, whether a release cuts a last word, and docs/voice.md (ten minutes)
	@$(MAKE) --no-print-directory engine
	@$(MAKE) --no-print-directory model
	e2e/image/deps.sh asterisk-core-sounds-{en,es,fr,it,ru}-wav asterisk-prompt-it-menardi-wav asterisk-prompt-fr-armelle \
		asterisk-prompt-es-co asterisk-moh-opsound-wav espeak-ng sox
	$(E2E) build -o ../bin/voice ./cmd/voice
	status=0; bin/voice gate || status=1; bin/voice tail || status=1; bin/voice write && exit $$status

.PHONY: sweep-background
sweep-background: build engine ## a minute of dictation in the virtual machine, transcribed while the key is held, and the daemon idle for two; more human speech
	VOCODER_SWEEP=1 $(E2E) test -tags e2e -count 1 -timeout 15m -run 'TestBackground$$|TestDictation$$/^(two_minutes|words_of_people)$$' -v .

.PHONY: sweep-overlay
sweep-overlay: build engine ## the overlay under sway, Xorg and KWin in the virtual machine, and a minute of rest
	for s in sway xorg kde; do VOCODER_MACHINE_SESSION=$$s VOCODER_SWEEP=1 $(E2E) test -tags e2e -count 1 -timeout 30m -run 'TestOverlay$$' -v . || exit; done

.PHONY: bench-latency
bench-latency: engine ## release to text after 60 s and 120 s of speech against 5 s, and word errors (six minutes)
	e2e/image/deps.sh pocketsphinx-testdata pulseaudio
	VOCODER_SERVERS=1 $(GO) test -count 1 -timeout 20m -run 'TestMinute' -v ./internal/app/daemon
	VOCODER_SERVERS=1 $(GO) test -count 1 -timeout 20m -run 'TestRealFollow' -v ./whisper

.PHONY: bench
bench: deps build deps-layouts ## measure all that docs/performance.md says, on an idle host, and write that page and its diagrams (an hour; BENCH=pattern for a part)
	@$(MAKE) --no-print-directory engine
	e2e/image/deps.sh pulseaudio pulseaudio-utils pocketsphinx-testdata sway foot
	$(E2E) build -o ../bin/bench ./cmd/bench
	status=0; for place in host machine; do bin/bench -run '$(BENCH)' $$place || status=1; done; bin/bench write && exit $$status

BENCH ?=

.PHONY: test-machine
test-machine: build ## only the tests in the virtual machine
	$(E2E) test -tags e2e -count 1 -timeout 90m -skip TestHold -v .

# A machine of its own for each: what one installs the other must not find.
.PHONY: sweep-newcomer
sweep-newcomer: engine package package-models ## README's own commands on a Debian 12 and 13 that have nothing, to a dictated sentence; the transcripts are out/newcomer*.txt
	for s in bookworm trixie; do for t in TestNewcomer TestNewcomerPackages; do \
		SUITE=$$s VOCODER_SWEEP=1 $(E2E) test -tags e2e -count 1 -timeout 40m -run "$$t\$$" -v . || exit; done; done

.PHONY: sweep-pages
sweep-pages: build engine ## run the commands of docs/ in the virtual machine and compare what they print; VOCODER_PAGES=write writes it into the pages
	VOCODER_SWEEP=1 $(E2E) test -tags e2e -count 1 -timeout 30m -run TestPages -v .

.PHONY: pictures
pictures: deps build ## the pictures of docs/, photographed in the virtual machine
	@$(MAKE) --no-print-directory engine
	$(E2E) build -o ../bin/pictures ./cmd/pictures
	bin/pictures

.PHONY: sweep-typing
sweep-typing: build ## 24 layouts, 5,000 characters each, in the virtual machine under sway and under Xorg (an hour; TYPING=pattern for a part)
	for s in sway xorg; do VOCODER_MACHINE_SESSION=$$s VOCODER_SWEEP=1 $(E2E) test -tags e2e -count 1 -timeout 120m -v \
		-run '$(TYPING)' . || exit; done

TYPING ?= ^(TestLayouts|TestGroups|TestPaste|TestTextField|TestStoppedTerminal|TestKeysHeld|TestKilled)$$

.PHONY: sweep-holds
sweep-holds: build ## everything that can happen to a held key, in the virtual machine (HOLDS=pattern for a part)
	VOCODER_SWEEP=1 $(E2E) test -tags e2e -count 1 -timeout 60m -run '$(HOLDS)' -v .

HOLDS ?= TestHold

.PHONY: sweep-random
sweep-random: ## ten thousand random sequences, and dictations, of what befalls keys, devices, recognizer and session, and the daemon with all of them, on fakes
	$(E2E) build -o ../bin/faults ./cmd/faults
	bin/faults chance fakes

.PHONY: faults
faults: build engine ## every fault of docs/reliability.md, on fakes and in the virtual machine, and that page (long; FAULTS='F-2[0-9]' for a part)
	$(E2E) build -o ../bin/faults ./cmd/faults
	status=0; bin/faults -run '$(FAULTS)' fakes || status=1; \
	for s in bookworm trixie; do SUITE=$$s bin/faults -run '$(FAULTS)' machine || status=1; done; \
	bin/faults write && exit $$status

FAULTS ?=

.PHONY: mutants
mutants: ## change one operator at a time: do the tests notice? e2e/mutants.md (hours; PKG=./evdev for a part)
	$(E2E) build -o ../bin/mutants ./cmd/mutants
	status=0; nice -n 10 bin/mutants run $(PKG) || status=1; bin/mutants write && exit $$status

PKG ?= $(addprefix ./,dictate evdev capture whisper text inject internal/control internal/linux/session \
	cmd/vocoder-inputd internal/app/helper internal/helperproto)

.PHONY: sweep-faults
sweep-faults: build ## 500 dictations under faults that chance chooses, in the virtual machine (long; VOCODER_SEED, VOCODER_DICTATIONS)
	$(E2E) build -o ../bin/faults ./cmd/faults
	VOCODER_DICTATIONS=$${VOCODER_DICTATIONS:-500} bin/faults chance machine

.PHONY: sweep-selftest
sweep-selftest: build engine ## vocoder selftest in the virtual machine: whole, terminated and killed
	VOCODER_SWEEP=1 $(E2E) test -tags e2e -count 1 -timeout 10m -run 'TestSelftest$$' -v .

.PHONY: sweep-helper
sweep-helper: build ## the helper in the virtual machine, as in make test; that a hold permits nothing two minutes later; who learns what was dictated
	VOCODER_SWEEP=1 $(E2E) test -tags e2e -count 1 -timeout 20m -run 'TestHelper$$' -v .

.PHONY: sweep-setup
sweep-setup: build ## in the virtual machine, setup's sandbox: put on where a probe works, taken off again
	VOCODER_SWEEP=1 $(E2E) test -tags e2e -count 1 -timeout 10m -run 'TestSetupSandbox$$' -v .

.PHONY: sweep-gnome sweep-kde
sweep-gnome: ## layouts and pasting in GNOME Shell, and its extension, in the virtual machine
sweep-kde: ## layouts and pasting in KDE's KWin, in the virtual machine
sweep-gnome sweep-kde: sweep-%: build
	VOCODER_MACHINE_SESSION=$* $(E2E) test -tags e2e -count 1 -timeout 40m -run TestDesktop -v .

.PHONY: sweep-applications
sweep-applications: build ## dictate into browsers, editors and terminals in the virtual machine, on three layouts, and write docs/applications.md (hours, continued by the next run; APPLICATIONS=pattern for some, VOCODER_REPEAT=30 for what Firefox mixed up)
	VOCODER_MACHINE_SESSION=applications VOCODER_PAGES=write $(E2E) test -tags e2e -count 1 -timeout 12h -run 'TestApplications$$/$(APPLICATIONS)' -v .

.PHONY: deps deps-engine deps-npm deps-model deps-whisper deps-layouts
deps: ## install the Debian packages that the virtual machine and the tests need
	@e2e/image/deps.sh

deps-engine:
	@[ '$(BIN)' = bin ] || command -v $(CC_$(GOARCH)) >/dev/null || e2e/image/deps.sh gcc-aarch64-linux-gnu libc6-dev-arm64-cross
	@command -v cc >/dev/null && /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null || e2e/image/deps.sh gcc libc6-dev python3 python3-venv

# With npm, engine/model.sh takes Moonshine from its authors' package: a package registry
# is reached in places where the publisher of models is not.
deps-npm:
	@command -v npm >/dev/null || e2e/image/deps.sh npm

deps-model:
	@/usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null || e2e/image/deps.sh python3 python3-venv

deps-whisper:
	@command -v c++ >/dev/null && command -v cmake >/dev/null && command -v npm >/dev/null || e2e/image/deps.sh g++ make cmake npm

deps-layouts:
	@e2e/image/deps.sh gcc libc6-dev libxkbcommon-dev xkb-data x11-xkb-utils

# They install what was built before and build nothing: root's files would lie in bin/ and in
# Go's cache, and root often has no go in its PATH.
.PHONY: install install-vocoder install-inputd install-engine
install: install-vocoder ## install the daemon and its client, which make build made, into $(DESTDIR)$(PREFIX)
install-vocoder:
	@echo "installing vocoder below $(DESTDIR)$(PREFIX)"
	@$(PLACES) packaging/install.sh install vocoder

install-inputd: ## install the helper that holds the devices, as root: SECURITY.md
	@echo "installing vocoder-inputd below $(DESTDIR)$(PREFIX)"
	@$(PLACES) packaging/install.sh install inputd

.PHONY: start-inputd
start-inputd: ## start the installed helper now and at each boot, as root
	systemd-sysusers
	systemctl daemon-reload
	modprobe uinput
	udevadm control --reload
	udevadm trigger --settle --subsystem-match=input --subsystem-match=misc
	systemctl enable --now vocoder-inputd.socket

install-engine: ## install the offline recognizer that make engine built
	@echo "installing vocoder-engine below $(DESTDIR)$(PREFIX)"
	@$(PLACES) packaging/install.sh install engine

# The models for all users of the machine, out of $(DATA). make package-models gets them there.
.PHONY: install-model-whisper-base install-model-moonshine-tiny-en
install-model-whisper-base install-model-moonshine-tiny-en: install-model-%:
	@echo "installing the model $* below $(DESTDIR)$(PREFIX)"
	@$(PLACES) DATA='$(DATA)' packaging/install.sh install model-$*

.PHONY: uninstall
uninstall: ## undo install, install-inputd, install-engine and start-inputd
	@$(PLACES) packaging/install.sh uninstall vocoder inputd engine model-whisper-base model-moonshine-tiny-en

# The time of every file in a package: the day of this version in the changelog.
SOURCE_DATE_EPOCH ?= $(shell date -u -d "$$(sed -n 's/^## \[[^]]*\] - //p' CHANGELOG.md | head -n 1)" +%s)

PACKAGE = SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) packaging/package.sh
DATA    = bin/data/vocoder/models

.PHONY: package
package: build ## make deb, rpm and Arch packages of vocoder and vocoder-engine in dist/ (GOARCH=arm64 for the other processor)
	@$(MAKE) --no-print-directory engine NOMODEL=--no-model
	$(PACKAGE) vocoder engine

# XDG_DATA_HOME: not what the caller has installed.
.PHONY: package-models
package-models: deps-model ## make the packages of the two models, for all processors, in dist/ (190 MB to download, once)
	@env -u GOARCH $(MAKE) --no-print-directory engine deps-model GOARCH=$(HOSTARCH) NOMODEL=--no-model
	XDG_DATA_HOME=$(CURDIR)/bin/data engine/model.sh bin/vocoder-engine
	XDG_DATA_HOME=$(CURDIR)/bin/data engine/export/make.sh bin/vocoder-engine
	DATA='$(DATA)' $(PACKAGE) model-whisper-base model-moonshine-tiny-en

.PHONY: lint-package
lint-package: ## lintian and rpmlint on the packages in dist/, and the checks of the menu entry
	e2e/image/deps.sh lintian rpmlint rpm cpio desktop-file-utils appstream
	packaging/lint.sh

.PHONY: test-distributions
test-distributions: build ## build vocoder as distributions do, without a network: dpkg-buildpackage, rpmbuild, makepkg; Nix reads its files
	e2e/image/deps.sh dpkg-dev debhelper fakeroot rpm lintian makepkg libarchive-tools nix-bin
	SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) packaging/distributions-test.sh

.PHONY: release sign-release verify-release
release: ## make all files of a release in dist/: packages for amd64 and arm64, models, sources, SBOMs, SHA256SUMS and, with MINISIGN_KEY, its signature
	SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) packaging/release.sh

sign-release: ## sign dist/SHA256SUMS with the key in the file MINISIGN_KEY: docs/release.md
	$(GO) tool -modfile=tools.mod minisign -S -s '$(MINISIGN_KEY)' -m dist/SHA256SUMS -x dist/SHA256SUMS.minisig -t 'vocoder $(VERSION)'

RELEASE ?= dist
verify-release: ## build the release again elsewhere and compare it byte for byte with dist/, or RELEASE=FOLDER
	packaging/verify.sh $(RELEASE)

.PHONY: test-package
test-package: package ## the packages have the same files, and made again the same bytes; nothing is linked that they do not name
	VOCODER_PACKAGES=1 $(GO) test -count 1 -v -run 'TestPackages|TestLibraries' ./packaging
	cd dist && sha256sum *.deb *.rpm *.zst > ../bin/packages.sums
	$(PACKAGE) vocoder engine
	cd dist && sha256sum -c ../bin/packages.sums

# VOCODER_PACKAGES: the packages must be there.
.PHONY: test-emulated
test-emulated: ## make the packages for arm64 and run their programs in QEMU: version, settings, sound, and the engine transcribes a clip
	e2e/image/deps.sh qemu-user libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross pocketsphinx-testdata
	$(MAKE) --no-print-directory package GOARCH=arm64
	@env -u GOARCH $(MAKE) --no-print-directory engine GOARCH=$(HOSTARCH)
	VOCODER_PACKAGES=1 env -u GOARCH -u BIN $(GO) test -count 1 -timeout 9m -v -run TestARM64 ./packaging
	VOCODER_REAL=1 VOCODER_ENGINE_EMULATED='$(CURDIR)/packaging/emulate.sh $(CURDIR)/bin/arm64/vocoder-engine' \
		env -u GOARCH -u BIN $(GO) -C engine test -count 1 -timeout 9m -v -run TestEmulated ./cmd/vocoder-engine

.PHONY: sweep-package
sweep-package: package package-models ## the packages in the virtual machine, on Debian 12 and 13: install, dictate, upgrade, remove
	for s in bookworm trixie; do SUITE=$$s VOCODER_SWEEP=1 $(E2E) test -tags e2e -count 1 -timeout 20m -run TestPackage -v . || exit; done

.PHONY: sweep-bare
sweep-bare: package package-models ## the packages in a Debian 12 and 13 with nothing else, by debootstrap, without a network
	e2e/image/deps.sh debootstrap iproute2 pocketsphinx-testdata
	packaging/bare.sh bookworm trixie

.PHONY: clean
clean: ## remove what was built here; caches stay
	rm -rf bin dist out
