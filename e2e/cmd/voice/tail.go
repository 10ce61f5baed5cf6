package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

const (
	tailClips = 200 // spread over all speakers who are not noisy
	// spread is the largest difference between two releases.
	spread = 150 * time.Millisecond
	// inSilence is the time from the end of the voice to a release in silence.
	inSilence = 500 * time.Millisecond
	// silenceMost is the longest time from a release in silence to the recording.
	silenceMost = 120 * time.Millisecond
	// afterwards is the length of the room noise after a clip, longer than any release and tail.
	afterwards = 2 * time.Second
	// oldTail was the tail before it ended with the voice.
	oldTail = 200 * time.Millisecond
)

// A recording is made by the tests of capture.
type recording struct {
	File    string        // of the sound, in their folder
	Release time.Duration // the position in the sound at which the key is released
	Fixed   time.Duration // a tail of fixed length; zero is the default tail

	End  time.Duration // the position in the sound at which the recording ended
	Took time.Duration // from the release to the recording
}

// A tailResult has the tails of all recordings.
type tailResult struct {
	Commit string
	Within []tails // released up to spread before the end of the voice: the present tail, the old one
	Early  []tails // released spread to twice that before: likewise
	Silent []tails // released in silence: likewise
}

// A tails has the lengths of the tails of one kind, and the cuts.
type tails struct {
	Fixed       time.Duration // zero is the default tail
	Clips       int
	Median, P95 time.Duration // of sound after the release
	Took, Most  time.Duration // from release to recording: median and longest
	Cut         []cut
}

// A cut is a recording without a part of its last word.
type cut struct {
	Clip         string
	Missing      time.Duration // sound of the voice
	Whole, Heard string        // the last word as Whisper hears it, in the clip and in the recording

	code            string // of the language
	whole, recorded pcm.Clip
}

// A take is a clip with room noise before and after it.
type take struct {
	name  string
	code  string // of the language
	file  string
	sound pcm.Clip
	voice []bool // for each frame of sound: the clip's voice is in it
	end   time.Duration
}

// measureTail records clips with the real Recorder, with releases within their last word and
// after it, and keeps the results. A cut last word is an error.
func measureTail(ctx context.Context, top string) (err error) {
	dir, err := os.MkdirTemp("", "voice-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	takes, err := writeTakes(ctx, dir)
	if err != nil {
		return err
	}
	r := tailResult{Commit: sweep.Commit(ctx)}
	for _, part := range []struct {
		to      *[]tails
		release func(i int, end time.Duration) time.Duration
	}{
		{&r.Within, func(i int, end time.Duration) time.Duration { return end - before(i) }},
		{&r.Early, func(i int, end time.Duration) time.Duration { return max(end-spread-before(i), speech.RoomBefore) }},
		{&r.Silent, func(_ int, end time.Duration) time.Duration { return end + inSilence }},
	} {
		for _, fixed := range []time.Duration{0, oldTail} {
			t, err := record(ctx, top, dir, takes, part.release, fixed)
			if err != nil {
				return err
			}
			*part.to = append(*part.to, t)
		}
	}
	if err := hearCuts(ctx, top, r.Within); err != nil {
		return err
	}
	return errors.Join(r.missed(), sweep.Save(kept, partTail, r))
}

// before returns how much earlier than the given moment the key of a take is released.
func before(i int) time.Duration {
	return time.Duration(i) * 37 * time.Millisecond % (spread + time.Millisecond)
}

// writeTakes chooses clips of speakers that are not noisy and writes them to the folder.
func writeTakes(ctx context.Context, dir string) (all []take, err error) {
	clean := slices.DeleteFunc(slices.Clone(speakers), speaker.noisy)
	for k, s := range clean {
		clips, err := s.clips(ctx)
		if err != nil {
			return nil, err
		}
		share := (k+1)*tailClips/len(clean) - k*tailClips/len(clean)
		for i := range share {
			c := clips[i*len(clips)/share]
			t := take{name: s.name + ": " + c.name, code: s.code, file: fmt.Sprintf("%03d.wav", len(all))}
			t.sound = levels[0].in(c.Clip, speech.RoomBefore, afterwards, uint64(len(all)))
			t.voice = append(make([]bool, speech.RoomBefore/frame), voiced(c.Samples)...)
			for i, voiced := range t.voice {
				if voiced {
					t.end = time.Duration(i+1) * frame
				}
			}
			if err := os.WriteFile(filepath.Join(dir, t.file), t.sound.WAV(), 0o600); err != nil {
				return nil, err
			}
			all = append(all, t)
		}
	}
	return all, nil
}

// The length of the frames in which the loudness of a clip is measured, and how many dB
// below the clip's speech level a frame of its voice may be.
const (
	frame  = 10 * time.Millisecond
	faint  = 25.0
	active = 30.0 // dB below the loudest frame, for a frame that counts as speech
)

// voiced reports for each frame of a clip whether it is loud enough to be voice. The speech
// level is the mean power of the frames within 30 dB of the loudest.
func voiced(samples []int16) []bool {
	var power []float64
	for f := range slices.Chunk(samples, count(frame)) {
		sum := 0.0
		for _, v := range f {
			sum += float64(v) * float64(v)
		}
		power = append(power, sum/float64(len(f)))
	}
	least := slices.Max(power) * math.Pow(10, -active/10)
	sum, n := 0.0, 0
	for _, p := range power {
		if p >= least {
			sum, n = sum+p, n+1
		}
	}
	voice := make([]bool, len(power))
	for i, p := range power {
		voice[i] = p > 0 && p >= sum/float64(n)*math.Pow(10, -faint/10)
	}
	return voice
}

// record records all takes with the tests of capture. Each is released at a moment that
// depends on the end of its voice.
func record(ctx context.Context, top, dir string, takes []take, release func(i int, end time.Duration) time.Duration, fixed time.Duration) (tails, error) {
	all := make([]recording, len(takes))
	for i, t := range takes {
		all[i] = recording{File: t.file, Release: release(i, t.end), Fixed: fixed}
	}
	file := filepath.Join(dir, "recordings.json")
	b, err := json.Marshal(all)
	if err != nil {
		return tails{}, err
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		return tails{}, err
	}
	if err := sweep.GoTest(ctx, top, "./capture", "TestTailFiles", "VOCODER_TAILS="+dir); err != nil {
		return tails{}, err
	}
	if b, err = os.ReadFile(file); err != nil {
		return tails{}, err
	}
	if err := json.Unmarshal(b, &all); err != nil {
		return tails{}, err
	}
	return measureTails(takes, all, fixed), nil
}

// leastCut is how much of the voice must be missing for a word to count as cut.
const leastCut = 30 * time.Millisecond

// measureTails returns the lengths of the tails of the recordings, and the cuts.
func measureTails(takes []take, all []recording, fixed time.Duration) tails {
	r := tails{Fixed: fixed, Clips: len(all)}
	var after, took []time.Duration
	for i, rec := range all {
		after, took = append(after, rec.End-rec.Release), append(took, rec.Took)
		missing := time.Duration(0)
		for j, v := range takes[i].voice {
			if v && time.Duration(j)*frame >= rec.End {
				missing += frame
			}
		}
		if missing >= leastCut {
			t := takes[i]
			r.Cut = append(r.Cut, cut{
				Clip: t.name, Missing: missing, code: t.code,
				whole:    pcm.Clip{Rate: pcm.Rate, Samples: t.sound.Samples[:count(time.Duration(len(t.voice))*frame+speech.RoomAfter)]},
				recorded: pcm.Clip{Rate: pcm.Rate, Samples: t.sound.Samples[:count(rec.End)]},
			})
		}
	}
	r.Median, r.P95 = percentile(after, 50), percentile(after, 95)
	r.Took, r.Most = percentile(took, 50), percentile(took, 100)
	report("tail %v: %d clips, %d cut, median %v, 95th percentile %v", fixed, r.Clips, len(r.Cut), r.Median, r.P95)
	return r
}

// percentile returns the time that p percent of the times do not exceed.
func percentile(all []time.Duration, percent int) time.Duration {
	if len(all) == 0 {
		return 0
	}
	all = slices.Sorted(slices.Values(all))
	return all[max(0, (len(all)*percent+99)/100-1)].Round(time.Millisecond)
}
