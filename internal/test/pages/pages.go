// Package pages reads the Markdown pages of this repository: their fenced blocks, what the
// blocks are expected to print, and their links.
package pages

import (
	"regexp"
	"strings"
)

// Followed are the pages whose commands TestPages of e2e runs, in this order.
var Followed = []string{"docs/service.md", "docs/keys.md", "docs/languages.md", "docs/recipes.md", "docs/troubleshooting.md"}

// A Block is a fenced block of a page.
type Block struct {
	Line int    // of the opening fence, from 1
	Kind string // the words after the fence, such as sh, console, yaml
	Text string // without the fences and their indent; ends with a newline
	Note Note
}

// A Note says how a test runs a block. It is a comment of HTML right before the fence, which
// readers do not see, with one instruction in each line:
//
//	<!-- test:
//	before COMMAND
//	after COMMAND
//	until
//	skip REASON
//	-->
type Note struct {
	Before []string // commands that root runs before the block
	After  []string // commands that root runs after the block; each must succeed
	Until  bool     // the block's command does not end: stop it when the output has come
	Skip   string   // why a test cannot run the block
}

// A Step is a command of a console block with its output.
type Step struct {
	Command string // more than one line if the command has a here-document or ends with a backslash
	Output  []string
}

var fence = regexp.MustCompile("^( *)```(.*)$")

// Blocks returns the blocks of a page.
func Blocks(page string) (all []Block) {
	var b *Block
	var indent string
	var note []string // lines of the last comment
	inNote := false
	for i, line := range strings.Split(page, "\n") {
		m := fence.FindStringSubmatch(line)
		trimmed := strings.TrimSpace(line)
		switch {
		case b != nil && m != nil:
			all, b, note = append(all, *b), nil, nil
		case b != nil:
			b.Text += strings.TrimPrefix(line, indent) + "\n"
		case m != nil:
			indent = m[1]
			b = &Block{Line: i + 1, Kind: m[2], Note: parseNote(note)}
		case strings.HasPrefix(trimmed, "<!-- test:"):
			note, inNote = []string{strings.TrimPrefix(trimmed, "<!-- test:")}, true
		case inNote:
			note = append(note, trimmed)
		case trimmed != "":
			note = nil
		}
		if inNote && b == nil && strings.HasSuffix(trimmed, "-->") {
			note[len(note)-1] = strings.TrimSuffix(note[len(note)-1], "-->")
			inNote = false
		}
	}
	return all
}

func parseNote(lines []string) (n Note) {
	for _, line := range lines {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "before":
			n.Before = append(n.Before, rest)
		case "after":
			n.After = append(n.After, rest)
		case "until":
			n.Until = true
		case "skip":
			n.Skip = rest
		case "":
		default:
			n.Skip = "unknown instruction " + word
		}
	}
	return n
}

var hereDocument = regexp.MustCompile(`<<-?\s*'?(\w+)'?`)

// Steps returns the commands of a console block. A command begins with "$ ".
func (b Block) Steps() (steps []Step) {
	end := "" // of a here-document
	more := false
	for line := range strings.SplitSeq(strings.TrimSuffix(b.Text, "\n"), "\n") {
		command, begins := strings.CutPrefix(line, "$ ")
		last := len(steps) - 1
		switch {
		case end != "" || more:
			steps[last].Command += "\n" + line
			if line == end {
				end = ""
			}
			more = end == "" && strings.HasSuffix(line, `\`)
		case begins:
			steps = append(steps, Step{Command: command})
			if m := hereDocument.FindStringSubmatch(command); m != nil {
				end = m[1]
			}
			more = strings.HasSuffix(command, `\`)
		case last >= 0:
			steps[last].Output = append(steps[last].Output, line)
		}
	}
	return steps
}
