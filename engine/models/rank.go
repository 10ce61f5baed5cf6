package models

import "slices"

// A Machine is what the choice of a model depends on.
type Machine struct {
	Languages []string // codes; none: any
	Cores     int
	Memory    int64    // bytes
	Disk      int64    // free bytes in the folder of models
	Installed []string // the names of the models that are complete
	Used      string   // the model that the engine serves now; empty if it serves none
	Measured  map[string]Benchmark
}

// A Proposal is a model for a machine, with what to expect of it.
type Proposal struct {
	Role       string  `json:"role"`
	Name       string  `json:"name"`
	Title      string  `json:"title"`
	Size       int64   `json:"size"`       // of the download, in bytes; 0 if the model is there
	Errors     float64 `json:"errors"`     // wrong words of 100, published; 0 if that is not known
	Characters bool    `json:"characters"` // Errors are of characters
	Pace       float64 `json:"pace"`       // seconds for a second of speech, measured here or estimated
}

// The roles of proposals.
const (
	Proposed = "proposed"
	Better   = "better"  // fewer errors than the proposed one; often slower
	Smaller  = "smaller" // fewer bytes than the proposed one
)

const (
	// quick is the longest time for a second of speech of a proposed model. With it, the
	// transcription while the user speaks is never behind for long.
	quick = 0.6
	// bearable is the longest one of the alternative with fewer errors: it ends soon after
	// the user.
	bearable = 1.0
)

// Propose returns the model for a machine, then one with fewer errors and a smaller one, if
// there are such. The model that the engine serves now is proposed, or else the best of
// those that are installed: they need no download. Without one, it is the best one that is
// quick. Models that do not know all languages, or do not fit into the memory or onto the
// disk, are left out. If no language is known, an installed model for few of them is proposed
// rather than a download: the user chose it. If there is no model at all, Propose returns
// nothing.
func Propose(m Machine, catalog []Model) []Proposal {
	all := m.candidates(catalog)
	if len(all) == 0 {
		return nil
	}
	at := slices.IndexFunc(all, func(c candidate) bool { return c.there && c.Name == m.Used })
	if at < 0 {
		at = best(all, func(c candidate) bool { return c.there && !c.few && c.pace <= bearable })
	}
	if at < 0 {
		at = best(all, func(c candidate) bool { return c.there && c.pace <= bearable })
	}
	if at < 0 {
		at = best(all, func(c candidate) bool { return c.pace <= quick })
	}
	if at < 0 { // a slow machine: the quickest
		at = 0
		for i, c := range all {
			if c.pace < all[at].pace {
				at = i
			}
		}
	}
	one := all[at]
	proposals := []Proposal{one.proposal(Proposed, m)}
	if i := best(all, func(c candidate) bool {
		return c.pace <= bearable && !c.few && (one.few || c.errors < 0.9*one.errors)
	}); i >= 0 {
		proposals = append(proposals, all[i].proposal(Better, m))
	}
	if i := best(all, func(c candidate) bool {
		return c.Size() < one.Size()*4/5 && !c.few && c.errors > one.errors && c.pace <= max(quick, one.pace)
	}); i >= 0 {
		proposals = append(proposals, all[i].proposal(Smaller, m))
	}
	return proposals
}

// A candidate is a model that can run on the machine.
type candidate struct {
	Model
	errors    float64 // 100 if they are not published
	published bool
	pace      float64
	there     bool
	few       bool // it is installed, knows few languages, and which one is spoken is not known
}

func (m Machine) candidates(catalog []Model) (all []candidate) {
	for _, model := range catalog {
		c := candidate{Model: model, there: slices.Contains(m.Installed, model.Name), errors: 100}
		if !model.knows(m.Languages) {
			c.few = c.there && len(m.Languages) == 0
			if !c.few {
				continue
			}
		}
		var known bool
		if c.pace, known = model.Pace(m.Cores); !known || model.fits(m.Memory) != nil {
			continue
		}
		if !c.there && model.Size()+spare > m.Disk {
			continue
		}
		if b, is := m.Measured[model.Name]; is {
			c.pace = b.Pace
		}
		if e, published := model.Errors(m.Languages); published {
			c.errors, c.published = e, true
		}
		all = append(all, c)
	}
	return all
}

// score is what speaks against a model. A gigabyte on the disk and in the memory weighs as
// much as one and a half wrong words of 100, and a second for a second of speech as much as
// four.
func (c candidate) score() float64 { return c.errors + 1.5*float64(c.Size())/1e9 + 4*c.pace }

// knows reports whether the model knows all of these languages, and finds out which one is
// spoken if there are several; without a language, whether it knows as many as Whisper.
func (m Model) knows(languages []string) bool {
	if len(languages) == 0 {
		return len(m.Languages) >= len(multilingual())
	}
	if len(languages) > 1 && !m.Can().Detects {
		return false
	}
	return !slices.ContainsFunc(languages, func(code string) bool { return !slices.Contains(m.Languages, code) })
}

// best returns the index of the candidate with the lowest score of those that are wanted, or
// -1 if there is none.
func best(all []candidate, wanted func(candidate) bool) int {
	found := -1
	for i, c := range all {
		if !wanted(c) {
			continue
		}
		if found < 0 || c.score() < all[found].score() {
			found = i
		}
	}
	return found
}

func (c candidate) proposal(role string, m Machine) Proposal {
	p := Proposal{Role: role, Name: c.Name, Title: c.Title, Pace: c.pace}
	if !c.there {
		p.Size = c.Size()
	}
	if c.published && len(m.Languages) > 0 {
		p.Errors = c.errors
		p.Characters = len(m.Languages) > 0 && !slices.ContainsFunc(m.Languages, func(code string) bool { return !countsCharacters(code) })
	}
	return p
}
