// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
)

// styled reports whether standard output is a terminal that shows colours.
var styled = isTerminal(os.Stdout) && os.Getenv("NO_COLOR") == ""

func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func style(code, text string) string {
	if !styled {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

const (
	bold = "1"
	dim  = "2"
)

func heading(number int, title string) {
	fmt.Printf("\n%s\n", style(bold, fmt.Sprintf("%d  %s", number, title)))
}

// printCommand shows a command line that is run.
func printCommand(format string, args ...any) {
	fmt.Printf("   %s\n", style(dim, "$ "+fmt.Sprintf(format, args...)))
}

// say prints a text, indented as all below a heading is.
func say(format string, args ...any) {
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		fmt.Print(strings.TrimRight("   "+line, " \n"), "\n")
	}
}

// table prints rows, of which the first is the heading.
func table(rows [][]string) {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush() // a strings.Builder takes everything
	say("%s", strings.TrimSuffix(text.String(), "\n"))
}
