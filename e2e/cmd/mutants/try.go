package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// changes are what gremlins does to an operator, by the type of the change.
var changes = map[string]map[token.Token]token.Token{
	"ARITHMETIC_BASE":       {token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL},
	"CONDITIONALS_BOUNDARY": {token.GEQ: token.GTR, token.GTR: token.GEQ, token.LEQ: token.LSS, token.LSS: token.LEQ},
	"CONDITIONALS_NEGATION": {token.EQL: token.NEQ, token.NEQ: token.EQL, token.GEQ: token.LSS, token.LSS: token.GEQ,
		token.GTR: token.LEQ, token.LEQ: token.GTR},
	"INCREMENT_DECREMENT": {token.INC: token.DEC, token.DEC: token.INC},
	"INVERT_NEGATIVES":    {token.SUB: token.ADD},
}

// operator returns the operator at a place of a file, and its offset.
func operator(text []byte, line, column int) (token.Token, int, error) {
	files := token.NewFileSet()
	file := files.AddFile("", files.Base(), len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, 0)
	for {
		pos, tok, _ := s.Scan()
		if tok == token.EOF {
			return 0, 0, fmt.Errorf("there is no operator at %d:%d", line, column)
		}
		if at := file.Position(pos); at.Line == line && at.Column == column {
			return tok, file.Offset(pos), nil
		}
	}
}

// change returns the file with a mutant's change, and the change in words.
func change(text []byte, m mutant) (changed []byte, words string, err error) {
	old, at, err := operator(text, m.Line, m.Column)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", m.File, err)
	}
	fresh, ok := changes[m.Type][old]
	if !ok {
		return nil, "", fmt.Errorf("%s:%d:%d: %s does not change %v", m.File, m.Line, m.Column, m.Type, old)
	}
	changed = append(append(append(changed, text[:at]...), fresh.String()...), text[at+len(old.String()):]...)
	return changed, fmt.Sprintf("%v → %v", old, fresh), nil
}

// longer is how much longer than usual the tests of a mutant may take.
const longer = 10

// try runs the tests with each mutant of a package that they reach, and sets its status. It
// runs several at once, because many tests mostly wait.
func try(pkg string, all []mutant, workers int) error {
	began := time.Now()
	if status, err := test(pkg, "", time.Hour); err != nil || status != survived {
		return fmt.Errorf("the tests of %s fail without a change (%s, %w)", pkg, status, err)
	}
	limit := longer * time.Since(began)
	errs := make([]error, len(all))
	free := make(chan struct{}, workers)
	var wg sync.WaitGroup
	for i := range all {
		if all[i].Status == notCovered {
			continue
		}
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			m := &all[i]
			m.Status, errs[i] = tryOne("./"+path.Dir(m.File), *m, limit)
			fmt.Fprintf(os.Stderr, "%s %s at %s:%d:%d\n", m.Status, m.Type, m.File, m.Line, m.Column)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// tryOne runs the tests of a package with a mutant's change, and returns its status.
func tryOne(pkg string, m mutant, limit time.Duration) (string, error) {
	text, err := os.ReadFile(m.File)
	if err != nil {
		return "", err
	}
	changed, _, err := change(text, m)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "mutant-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	file, err := filepath.Abs(m.File)
	if err != nil {
		return "", err
	}
	code, overlay := filepath.Join(dir, "code.go"), filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]map[string]string{"Replace": {file: code}})
	if err != nil {
		return "", err
	}
	if err := errors.Join(os.WriteFile(code, changed, 0o644), os.WriteFile(overlay, list, 0o644)); err != nil {
		return "", err
	}
	return test(pkg, overlay, limit)
}

// test runs the tests of a package with an overlay (go help build). At the limit it ends
// them and what they started. It leaves out tests on real servers, which may fail because
// the machine is slow.
func test(pkg, overlay string, limit time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-failfast", "-timeout=0", "-short", "-vet=off", "-overlay="+overlay, pkg)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	out, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return hangs, nil
	case bytes.Contains(out, []byte("[build failed]")):
		return notViable, nil
	case err == nil:
		return survived, nil
	}
	if _, failed := errors.AsType[*exec.ExitError](err); failed {
		return killed, nil
	}
	return "", err
}
