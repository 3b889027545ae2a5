// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// removeFrom removes from the files of a module the lines that have one of their words. A file without words is removed as
// a whole.
func (removed trimmed) removeFrom(folder string) error {
	for name, words := range removed {
		path := filepath.Join(folder, name)
		if words == nil {
			if err := os.Remove(path); err != nil {
				return err
			}
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(removeLines(string(text), words)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// removeLines removes from formatted Go code the lines that have one of the words, with the blocks that they open.
func removeLines(text string, words []string) string {
	pattern := regexp.MustCompile(`\b(` + strings.Join(words, "|") + `)\b`)
	var kept []string
	end := "" // of the block that is being removed
	for line := range strings.Lines(text) {
		switch {
		case end != "":
			if strings.TrimSuffix(line, "\n") == end {
				end = ""
			}
		case !pattern.MatchString(line):
			kept = append(kept, line)
		case strings.HasSuffix(line, "{\n"):
			end = line[:len(line)-len(strings.TrimLeft(line, "\t"))] + "}"
		}
	}
	return strings.Join(kept, "")
}
