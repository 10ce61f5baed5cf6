package setup

import (
	"context"
	"fmt"
	"slices"

	"github.com/arealicehole/vocoder/internal/app/hint"
)

// fetchModel fetches the model of the engine, unless it is there. If that fails, the user
// chooses another one, and those that are installed come first. Without a terminal it is an
// installed one, because setup then fetches nothing that was not asked for. If there is
// none, or the user wants none, the error is that of the first model.
func (s *Setup) fetchModel(ctx context.Context) error {
	var first error
	var failed []string
	for s.fetch {
		err := s.engine.pull(ctx, s.model)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if first == nil {
			first = modelError(s.model, err)
		}
		s.printLine("The model %s cannot be fetched: %v.", s.model, err)
		failed = append(failed, s.model)
		next, err := s.pickModel(ctx, failed)
		switch {
		case err != nil:
			return err
		case next == nil:
			return first
		}
		s.model, s.fetch = next.model, next.size > 0
		s.printLine("Recognizer: %s", next.shown)
		s.printLine("For %s later: `vocoder-engine models pull %[1]s`, which continues, then `vocoder-engine models use %[1]s`.", failed[0])
	}
	return nil
}

// pickModel returns a model of the engine other than those that cannot be fetched, or nil.
func (s *Setup) pickModel(ctx context.Context, failed []string) (*candidate, error) {
	left, err := s.offers(ctx)
	if err != nil {
		return nil, err
	}
	left = slices.DeleteFunc(left, func(c candidate) bool {
		return slices.Contains(failed, c.model) || s.in == nil && c.size > 0
	})
	slices.SortStableFunc(left, func(a, b candidate) int { return int(min(a.size, 1) - min(b.size, 1)) })
	if len(left) == 0 || s.in == nil {
		return firstOf(left), nil
	}
	var shown []string
	for _, c := range left {
		shown = append(shown, c.shown)
	}
	i, err := s.choose(ctx, "Which model instead?", append(shown, "none now"))
	if err != nil || i == len(left) {
		return nil, err
	}
	return &left[i], nil
}

// firstOf returns the first of some candidates, or nil.
func firstOf(all []candidate) *candidate {
	if len(all) == 0 {
		return nil
	}
	return &all[0]
}

// modelError returns the error of a model of vocoder-engine that could not be fetched.
func modelError(model string, err error) error {
	h := "is the network there? `vocoder-engine models pull " + model + "` continues; then `vocoder setup --recogniser engine`"
	return hint.Wrap(fmt.Errorf("fetch the model %s of vocoder-engine: %w", model, err), h)
}
