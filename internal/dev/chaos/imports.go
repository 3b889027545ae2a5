// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"regexp"
	"strings"
)

// importable finds the address of a resource that could not be created, and the id that the message says to import.
var importable = regexp.MustCompile(`(?s)with (airm_\w+\.[\w-]+),.*?terraform import \S+ (\S+)`)

// importLeft imports what a failed apply says to import, and returns how much. Without -imports nothing is: the next apply
// of the same workspace has to take up what a killed one left.
func (c *chaos) importLeft(ctx context.Context, w *testWorkspace, failed *cliCommand) (int, error) {
	imported := 0
	for _, problem := range strings.Split(failed.output.String(), "\nError: ")[1:] {
		found := importable.FindStringSubmatch(problem)
		if !c.imports || found == nil {
			continue
		}
		command, err := w.run(ctx, "import", found[1], found[2])
		if err != nil {
			return imported, err
		}
		if command.exitCode() == 0 {
			imported++
		}
	}
	return imported, nil
}
