// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// dirVariable is the variable with the folder of the logs and the process IDs.
const dirVariable = "AIRM_CONTROL_PLANE_DIR"

// runCommand runs the user's command and returns its exit code.
func runCommand(command []string, dir, kubeconfig string, signals <-chan os.Signal) (exitCode int, err error) {
	kubectl, err := linkKubectl(dir)
	if err != nil {
		return 1, err
	}
	// The folder of kubectl comes last: the user's own wins.
	path := os.Getenv("PATH") + string(os.PathListSeparator) + filepath.Dir(kubectl)
	for name, value := range map[string]string{"KUBECONFIG": kubeconfig, dirVariable: dir, "PATH": path} {
		if err := os.Setenv(name, value); err != nil {
			return 1, err
		}
	}
	process := exec.Command(command[0], command[1:]...)
	process.Stdin, process.Stdout, process.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := process.Start(); err != nil {
		return 127, fmt.Errorf("start the command: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()
	for {
		select {
		case s := <-signals:
			forward(s, process.Process)
		case err := <-ended:
			return exitCodeOf(err)
		}
	}
}

// forward passes a signal on, unless the command has it already: Ctrl-C at a terminal goes to the whole foreground
// group, and a second interrupt makes tools such as OpenTofu stop without saving.
func forward(s os.Signal, process *os.Process) {
	if s == syscall.SIGINT && inForeground() {
		return
	}
	_ = process.Signal(s) // it may have ended by itself meanwhile
}

// inForeground reports whether the terminal, if there is one, sends its signals to this process.
func inForeground() bool {
	terminal, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer terminal.Close()
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	return err == nil && group == syscall.Getpgrp()
}

// exitCodeOf is the exit code of an ended process, by the convention of shells where a signal ended it.
func exitCodeOf(err error) (int, error) {
	var exit *exec.ExitError
	if err == nil || !errors.As(err, &exit) {
		return 0, err
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return exit.ExitCode(), nil
}

// linkKubectl makes this binary available as kubectl.
func linkKubectl(dir string) (string, error) {
	executable, err := os.Executable()
	if err != nil {
		return "", err
	}
	kubectl := filepath.Join(dir, "bin", kubectlName)
	if err := os.MkdirAll(filepath.Dir(kubectl), 0o700); err != nil {
		return "", err
	}
	return kubectl, os.Symlink(executable, kubectl)
}
