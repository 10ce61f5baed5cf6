package usage

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// columns is the width of the help, in characters.
const columns = 80

// help makes a program print its help in 80 columns, with the commands in their groups.
func help(root *cobra.Command) {
	root.SetUsageFunc(func(c *cobra.Command) error {
		_, err := fmt.Fprint(c.OutOrStderr(), text(c))
		return err
	})
	root.SetHelpFunc(func(c *cobra.Command, _ []string) {
		about := strings.TrimSpace(c.Long)
		if about == "" {
			about = c.Short + "."
		}
		c.InitDefaultHelpFlag()
		c.InitDefaultVersionFlag()
		_, _ = fmt.Fprint(c.OutOrStdout(), wrap(about)+"\n\n"+text(c)) // a closed pipe needs no help
	})
}

// wrap returns paragraphs with as many words in a line as fit. It leaves those alone that
// have an indented line.
func wrap(about string) string {
	paragraphs := strings.Split(about, "\n\n")
	for i, p := range paragraphs {
		if strings.HasPrefix(p, " ") || strings.Contains(p, "\n ") {
			continue
		}
		var lines []string
		line := ""
		for word := range strings.FieldsSeq(p) {
			if line != "" && utf8.RuneCountInString(line+" "+word) > columns {
				lines, line = append(lines, line), ""
			}
			line = strings.TrimPrefix(line+" "+word, " ")
		}
		paragraphs[i] = strings.Join(append(lines, line), "\n")
	}
	return strings.Join(paragraphs, "\n\n")
}

// text returns how a command is called.
func text(c *cobra.Command) string {
	var b strings.Builder
	b.WriteString("Usage:\n  " + c.UseLine() + "\n")
	if c.Example != "" {
		b.WriteString("\nExamples:\n" + strings.TrimRight(c.Example, "\n") + "\n")
	}
	groups := append([]*cobra.Group{}, c.Groups()...)
	for _, g := range append(groups, &cobra.Group{Title: "More commands"}) {
		writeGroup(&b, c, g)
	}
	for _, flags := range []struct{ title, usages string }{
		{"Flags", c.LocalFlags().FlagUsagesWrapped(columns)}, {"Global flags", c.InheritedFlags().FlagUsagesWrapped(columns)},
	} {
		if flags.usages != "" {
			b.WriteString("\n" + flags.title + ":\n" + strings.TrimRight(flags.usages, "\n") + "\n")
		}
	}
	if c.HasAvailableSubCommands() {
		b.WriteString("\n\"" + c.CommandPath() + " COMMAND --help\" says more of a command.\n")
	}
	return b.String()
}

// writeGroup writes the commands of a group, if it has any. Without an ID it has those of
// no group.
func writeGroup(b *strings.Builder, c *cobra.Command, g *cobra.Group) {
	title := "\n" + g.Title + ":\n"
	if len(c.Groups()) == 0 {
		title = "\nCommands:\n"
	}
	for _, sub := range c.Commands() {
		if sub.GroupID == g.ID && (sub.IsAvailableCommand() || sub.Name() == "help") {
			fmt.Fprintf(b, "%s  %-11s %s\n", title, sub.Name(), sub.Short)
			title = ""
		}
	}
}

// shells says how to use the completion of each shell.
var shells = map[string]string{
	"bash": "  source <(PROGRAM completion bash)",
	"zsh":  "  source <(PROGRAM completion zsh)",
	"fish": "  PROGRAM completion fish | source",
}

// completionHelp replaces the help of cobra's command completion, which speaks of other
// systems.
func completionHelp(root, c *cobra.Command) {
	c.Short, c.Long = "Print the completion of a shell", "Print the script with which a shell completes commands, flags and values.\nPackages install it."
	c.Example = "  " + root.Name() + " completion bash"
	for _, sub := range c.Commands() {
		example, is := shells[sub.Name()]
		if !is {
			c.RemoveCommand(sub)
			continue
		}
		sub.Short, sub.Long = "Print the completion of "+sub.Name(), ""
		sub.Example = strings.ReplaceAll(example, "PROGRAM", root.Name())
	}
}
