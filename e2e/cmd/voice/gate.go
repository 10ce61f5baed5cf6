package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

// A group is a set of clips of one kind, with the wrong decisions of the gate.
type group struct {
	Name  string
	Clips int
	Wrong []string // names: speech that is refused, or another sound that is sent
}

// A gateResult has the decisions of the gate about all clips.
type gateResult struct {
	Commit   string
	Speakers [][]group // by level, a group for each speaker
	Whispers group     // sentences
	Words    group     // whispered, a word each: there is no target
	Noises   group
	Music    group
}

// musicMost is the largest share of the pieces of music that may be sent.
const musicMost = 0.05

// measureGate runs the gate on all clips and keeps its decisions. If it misses a target, it
// returns an error.
func measureGate(ctx context.Context, top string) error {
	r := gateResult{Commit: sweep.Commit(ctx), Speakers: make([][]group, len(levels))}
	for _, s := range speakers {
		clips, err := s.clips(ctx)
		if err != nil {
			return err
		}
		for i, l := range levels {
			g, err := judge(ctx, s.name, clips, true, func(n int, c pcm.Clip) pcm.Clip { return l.in(c, speech.RoomBefore, speech.RoomAfter, uint64(n)) })
			if err != nil {
				return err
			}
			r.Speakers[i] = append(r.Speakers[i], g)
		}
	}
	room := func(n int, c pcm.Clip) pcm.Clip {
		return levels[0].in(c, speech.RoomBefore, speech.RoomAfter, uint64(n))
	}
	sentences, words, err := whispers(ctx)
	if err != nil {
		return err
	}
	if r.Whispers, err = judge(ctx, "whispered sentences", sentences, true, room); err != nil {
		return err
	}
	if r.Words, err = judge(ctx, "whispered words", words, true, room); err != nil {
		return err
	}
	alone := func(_ int, c pcm.Clip) pcm.Clip { return c }
	clips, err := noises(ctx, top)
	if err != nil {
		return err
	}
	if r.Noises, err = judge(ctx, "noises", clips, false, alone); err != nil {
		return err
	}
	if clips, err = music(); err != nil {
		return err
	}
	if r.Music, err = judge(ctx, "music", clips, false, alone); err != nil {
		return err
	}
	return errors.Join(r.missed(), sweep.Save(kept, partGate, r))
}

// judge runs the gate on clips after prepare. isSpeech says whether
// all of them are speech.
func judge(ctx context.Context, name string, clips []sound, isSpeech bool, prepare func(n int, c pcm.Clip) pcm.Clip) (group, error) {
	wrong := make([]bool, len(clips))
	next := make(chan int)
	var done sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		done.Go(func() {
			for i := range next {
				wrong[i] = vad.Detect(prepare(i, clips[i].Clip)).Speaks() != isSpeech
			}
		})
	}
	for i := range clips {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	done.Wait()
	g := group{Name: name, Clips: len(clips)}
	for i, c := range clips {
		if wrong[i] {
			g.Wrong = append(g.Wrong, c.name)
		}
	}
	report("%s: %d clips, %d wrong", name, g.Clips, len(g.Wrong))
	return g, ctx.Err()
}

// sum joins the groups.
func sum(groups []group) (all group) {
	all.Name = "all"
	for _, g := range groups {
		all.Clips += g.Clips
		all.Wrong = append(all.Wrong, g.Wrong...)
	}
	return all
}

// share returns the share of wrong decisions.
func (g group) share() float64 {
	if g.Clips == 0 {
		return 0
	}
	return float64(len(g.Wrong)) / float64(g.Clips)
}

// missed returns an error for each missed target.
func (r gateResult) missed() (err error) {
	for i, groups := range r.Speakers {
		if all := sum(groups); all.share() > levels[i].most {
			err = errors.Join(err, fmt.Errorf("%s: %d of %d clips refused, at most %.1f %% may be", levels[i].name, len(all.Wrong), all.Clips, 100*levels[i].most))
		}
	}
	for _, t := range []struct {
		group
		most float64
		what string
	}{{r.Whispers, 0, "refused"}, {r.Noises, 0, "sent"}, {r.Music, musicMost, "sent"}} {
		if t.share() > t.most {
			err = errors.Join(err, fmt.Errorf("%s: %d of %d %s, at most %.0f %% may be: %q", t.Name, len(t.Wrong), t.Clips, t.what, 100*t.most, t.Wrong))
		}
	}
	return err
}
