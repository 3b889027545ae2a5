// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockName marks a folder as one of ours, and is locked while a run uses it.
const lockName = ".control-plane"

// temporaryFiles are what a run leaves in its folder, by patterns, but for the logs.
var temporaryFiles = []string{
	"kubeconfig", "bin", backendsFile, backendsAuthority, "*.pid", "*/data", "*/pki", "*/*.kubeconfig", "*/*.pid",
}

// openDir prepares the folder of a run, and returns how to clean it up: a temporary folder goes, in one of the user's
// the logs stay.
func openDir(path string) (dir string, cleanUp func() error, err error) {
	if path == "" {
		dir, err = os.MkdirTemp("", "airm-control-plane-")
		return dir, func() error { return os.RemoveAll(dir) }, err
	}
	if dir, err = filepath.Abs(path); err != nil {
		return "", nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return "", nil, err
	}
	cleanUp = func() error { return errors.Join(removeTemporaryFiles(dir), lock.Close()) }
	return dir, cleanUp, removeTemporaryFiles(dir) // of a run that was killed
}

// lockDir takes the folder for this run. A folder with other files is refused: some would be removed.
func lockDir(dir string) (*os.File, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, lockName)
	if _, err := os.Stat(path); err != nil && len(entries) > 0 {
		return nil, fmt.Errorf("%s is not empty: choose a new folder", dir)
	}
	lock, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another control plane uses %s: end it or choose another folder", dir), lock.Close())
	}
	return lock, nil
}

func removeTemporaryFiles(dir string) error {
	var problems []error
	for _, pattern := range temporaryFiles {
		paths, _ := filepath.Glob(filepath.Join(dir, pattern)) // fails for a malformed pattern only
		for _, path := range paths {
			problems = append(problems, os.RemoveAll(path))
		}
	}
	return errors.Join(problems...)
}
