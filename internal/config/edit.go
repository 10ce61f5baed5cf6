package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Set returns the text of a settings file with a setting, such as key or audio.tail,
// changed or added. The rest, with its comments, stays as it was. Set does not check the
// value: Load does.
func Set(file []byte, name, value string) ([]byte, error) {
	all, at, err := parse(file)
	if err != nil && at != nil {
		return nil, fmt.Errorf("line %d: %w", at.Position.Line, err)
	}
	if err != nil {
		return nil, fmt.Errorf("parse settings: %w", err)
	}
	s, _ := lookup(name)
	if list := coveredBy(all, s); list != "" {
		return nil, errors.New("the file has the list " + list)
	}
	before, ending := string(file), "\n"
	if n := strings.Count(before, "\r\n"); n > 0 && n == strings.Count(before, "\n") {
		before, ending = strings.ReplaceAll(before, "\r\n", "\n"), "\r\n"
	}
	lines, err := edit(strings.Split(before, "\n"), all, name, plain(value))
	if err != nil {
		return nil, err
	}
	changed := []byte(strings.Join(lines, ending))

	// The edit of lines does not know all ways to write YAML.
	want := values(all)
	want[name] = value
	all, _, err = parse(changed)
	if err != nil || !maps.Equal(values(all), want) {
		return nil, fmt.Errorf("%s cannot be changed in this file", name)
	}
	return changed, nil
}

// values returns the text of each setting and list by its path.
func values(all []entry) map[string]string {
	texts := map[string]string{}
	for _, e := range all {
		if e.isGroup() {
			continue
		}
		v, _, err := text(e.value, false)
		if err != nil {
			v = e.value.String()
		}
		texts[e.name] = v
	}
	return texts
}

// edit changes a setting in the lines of a file. If the file does not have the setting,
// edit adds it to its group, and if the file does not have the group, at the end.
func edit(lines []string, all []entry, name, value string) ([]string, error) {
	group, rest, nested := strings.Cut(name, ".")
	if i := slices.IndexFunc(all, func(e entry) bool { return e.name == name }); i >= 0 {
		return lines, replace(lines, all[i], value)
	}
	if i := slices.IndexFunc(all, func(e entry) bool { return e.name == group }); i >= 0 {
		line, indent := all[i].key.Position.Line, "  "
		inline := all[i].value.Type() != ast.NullType && all[i].value.GetToken().Position.Line == line
		if below := all[i+1:]; len(below) > 0 && strings.HasPrefix(below[0].name, group+".") {
			at := below[0].key.Position
			inline, indent = at.Line == line, lines[at.Line-1][:at.Column-1]
		}
		if inline {
			return nil, fmt.Errorf("line %d: %s is not one setting a line", line, group)
		}
		return slices.Insert(lines, line, indent+rest+": "+value), nil
	}
	added := []string{name + ": " + value}
	if nested {
		added = []string{group + ":", "  " + rest + ": " + value}
	}
	if n := len(lines); lines[n-1] == "" {
		return slices.Insert(lines, n-1, added...), nil
	}
	return append(append(lines, added...), ""), nil
}

// replace changes the value of an entry that has a line of its own.
func replace(lines []string, e entry, value string) error {
	at := e.key.Position
	if e.value.Type() != ast.NullType && e.value.GetToken().Position.Line != at.Line {
		return fmt.Errorf("line %d: %s is not on one line", at.Line, e.name)
	}
	before := lines[at.Line-1][:at.Column-1]
	if strings.TrimSpace(before) != "" {
		return fmt.Errorf("line %d: %s does not begin the line", at.Line, e.name)
	}
	lines[at.Line-1] = before + e.key.Value + ": " + value + e.comment(lines[at.Line-1])
	return nil
}

// comment returns the comment at the end of the line of an entry, with the space before it.
func (e entry) comment(line string) string {
	for t := e.key.Next; t != nil && t.Position.Line == e.key.Position.Line; t = t.Next {
		if t.Type == token.CommentType {
			rest := strings.TrimSuffix(line, "#"+t.Value)
			return line[len(strings.TrimRight(rest, " \t")):]
		}
	}
	return ""
}
