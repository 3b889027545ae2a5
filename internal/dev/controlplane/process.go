// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// The files that a part inherits from its parent, after standard input, output and error.
const (
	lifelineFD = 3 // reaches its end when the parent is gone
	extraFD    = 4 // what only this part needs: etcd's report, the API server's listener
)

const (
	// startTimeout bounds every single step of a start. It is generous: a start takes seconds, but a busy machine
	// may be slow.
	startTimeout = 2 * time.Minute

	logTailLines = 25
)

// component is a server in a process of its own.
type component struct {
	name    string
	log     string
	command *exec.Cmd
	exited  chan struct{} // closed when the process is gone
	err     error         // why, readable once exited is closed
}

// partCommand is what runs in a process of its own.
type partCommand struct {
	name        string
	args        []string
	environment []string // this process's if nil
	extra       *os.File // what the part inherits beside the lifeline, if it needs more
	executable  string   // this binary if empty
}

// start starts a part, with its log and its process id in the folder dir.
func (what partCommand) start(dir string, lifeline *os.File) (*component, error) {
	if what.executable == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		what.executable = self
	}
	path := filepath.Join(dir, what.name)
	log, err := os.Create(path + ".log")
	if err != nil {
		return nil, err
	}
	defer log.Close()

	p := &component{name: what.name, log: log.Name(), exited: make(chan struct{})}
	p.command = exec.Command(what.executable)
	p.command.Args = append([]string{what.name}, what.args...)
	p.command.Env = what.environment
	p.command.Stdout, p.command.Stderr = log, log
	p.command.ExtraFiles = []*os.File{lifeline}
	if what.extra != nil {
		p.command.ExtraFiles = append(p.command.ExtraFiles, what.extra)
	}
	// A group of its own keeps Ctrl-C at the terminal from reaching the parts: the parent ends them, last.
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", what.name, err)
	}
	go func() {
		p.err = p.command.Wait()
		close(p.exited)
	}()
	return p, os.WriteFile(path+".pid", fmt.Appendln(nil, p.command.Process.Pid), 0o600)
}

// startReporting starts a part that reports one line, and returns that. A part that has started is returned with an error too.
func (what partCommand) startReporting(ctx context.Context, dir string, lifeline *os.File) (*component, string, error) {
	report, reporter, err := os.Pipe()
	if err != nil {
		return nil, "", err
	}
	defer report.Close()
	what.extra = reporter
	p, err := what.start(dir, lifeline)
	reporter.Close() // the part holds the other copy: if it dies, reading ends
	if err != nil {
		return p, "", err
	}

	_ = report.SetReadDeadline(time.Now().Add(startTimeout))
	defer context.AfterFunc(ctx, func() { _ = report.SetReadDeadline(time.Now()) })()
	line, err := bufio.NewReader(report).ReadString('\n')
	if ctx.Err() != nil {
		return p, "", ctx.Err()
	}
	if err != nil {
		return p, "", p.failed(fmt.Errorf("%s did not start: %w", what.name, err))
	}
	return p, strings.TrimSpace(line), nil
}

// stop ends the process at once: nothing that it holds is worth a slow farewell.
func (p *component) stop() {
	_ = p.command.Process.Kill()
	<-p.exited
}

// killed reports, of a process that is gone, whether a signal ended it that it did not handle.
func (p *component) killed() bool { return p.command.ProcessState.ExitCode() < 0 }

// waitFor asks until the answer is yes, an error of the part or the timeout.
func (p *component) waitFor(ctx context.Context, what string, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.exited:
			return p.failed(fmt.Errorf("%s ended while waiting for %s: %w", p.name, what, exitReason(p.err)))
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return ctx.Err()
			}
			return p.failed(fmt.Errorf("%s: not within %s: %w", what, startTimeout, err))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func exitReason(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	return err
}

// failed adds to an error what the part said last.
func (p *component) failed(err error) error {
	content, _ := os.ReadFile(p.log)
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	if len(lines) > logTailLines {
		lines = lines[len(lines)-logTailLines:]
	}
	return fmt.Errorf("%w\n\nThe end of %s.log:\n%s", err, p.name, strings.Join(lines, "\n"))
}

// exitWithParent ends this process, a part, when the parent is gone, in whatever way it went.
func exitWithParent() {
	lifeline := os.NewFile(lifelineFD, "lifeline")
	go func() {
		_, _ = io.Copy(io.Discard, lifeline)
		os.Exit(1)
	}()
}

// extraFile is the file that the parent handed to this part beside the lifeline.
func extraFile(name string) *os.File {
	return os.NewFile(extraFD, name)
}
