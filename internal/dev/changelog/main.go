// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Changelog writes the section of a release into CHANGELOG.md. Its text is what stands under [Unreleased] and in the files of
// .changes, each of which is one change: "added-lists.md" is a line of the section Added. Those files are removed.
//
//	go run ./internal/dev/changelog 1.2.0 2026-12-01
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// kinds are those of Keep a Changelog, in its order.
var kinds = []string{"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}

const unreleased = "## [Unreleased]\n"

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go run ./internal/dev/changelog VERSION DATE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(version, date string) error {
	changelog, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		return err
	}
	changes, files, err := readChanges(".changes")
	if err != nil {
		return err
	}
	released, err := release(string(changelog), changes, fmt.Sprintf("## [%s] - %s\n", version, date))
	if err != nil {
		return err
	}
	if err := os.WriteFile("CHANGELOG.md", []byte(released), 0o644); err != nil { //nolint:gosec // a document
		return err
	}
	for _, file := range files {
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	return nil
}

// readChanges returns the changes in a folder by their kind, each as a line of a list, and the files that they are in.
func readChanges(folder string) (changes map[string][]string, files []string, err error) {
	if files, err = filepath.Glob(filepath.Join(folder, "*.md")); err != nil {
		return nil, nil, err
	}
	files = slices.DeleteFunc(files, func(file string) bool { return filepath.Base(file) == "README.md" })
	changes = map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, err
		}
		kind, err := kindOf(file)
		if err != nil {
			return nil, nil, err
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		if lines[0] == "" {
			return nil, nil, fmt.Errorf("%s is empty: write what changes for users", file)
		}
		changes[kind] = append(changes[kind], "- "+strings.Join(lines, "\n  ")+"\n")
	}
	return changes, files, nil
}

// kindOf returns the kind of a change, which is the first word of its file's name.
func kindOf(file string) (string, error) {
	word, _, named := strings.Cut(filepath.Base(file), "-")
	for _, kind := range kinds {
		if named && strings.EqualFold(kind, word) {
			return kind, nil
		}
	}
	return "", fmt.Errorf("%s: its name has to begin with %s and \"-\"", file, strings.ToLower(strings.Join(kinds, ", ")))
}

// release returns the changelog with a section for a release, whose heading is given, in the place of what was unreleased.
func release(changelog string, changes map[string][]string, heading string) (string, error) {
	before, rest, found := strings.Cut(changelog, unreleased)
	if !found {
		return "", fmt.Errorf("CHANGELOG.md has no line %q", strings.TrimSpace(unreleased))
	}
	section, older := rest, ""
	if at := strings.Index(rest, "\n## ["); at >= 0 {
		section, older = rest[:at+1], rest[at+1:]
	}
	var text strings.Builder
	for _, kind := range kinds {
		entries := sectionOf(section, kind) + strings.Join(changes[kind], "")
		if entries != "" {
			fmt.Fprintf(&text, "\n### %s\n\n%s", kind, entries)
		}
	}
	if text.Len() == 0 {
		return "", fmt.Errorf("there is nothing to release: no change is under [Unreleased] or in .changes")
	}
	if older != "" {
		older = "\n" + older
	}
	return before + unreleased + "\n" + heading + text.String() + older, nil
}

// sectionOf returns the list below the heading of a kind; empty if there is none.
func sectionOf(section, kind string) string {
	_, list, found := strings.Cut(section, "### "+kind+"\n")
	if !found {
		return ""
	}
	list, _, _ = strings.Cut(list, "\n### ")
	return strings.TrimSpace(list) + "\n"
}
