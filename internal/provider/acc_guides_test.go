// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package provider

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// codeBlock is a fenced block of a guide, with its language.
var codeBlock = regexp.MustCompile("(?ms)^```(terraform|sh)\n(.*?)^```$")

// The guide is followed to the letter: its files are written, its commands are run, and what it says of the plans is so.
// Only the names of project, store and CLI are those of the test.
func TestAccMigrationGuide(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.externalSecret("database", "")
	p.eventually("it is synced", func() bool { return p.ready("ExternalSecret", "database") == "True" })
	uid := p.get("ExternalSecret", "database").GetUID()
	guide, err := os.ReadFile("../../templates/guides/migrating.md.tmpl")
	p.ok(err)
	w := p.newWorkspace()
	w.configure("")

	var plans []string
	for _, found := range codeBlock.FindAllStringSubmatch(string(guide), -1) {
		text := strings.ReplaceAll(found[2], "team-a", p.name)
		if found[1] == "terraform" {
			name, _, _ := strings.Cut(strings.TrimPrefix(text, "# "), "\n")
			w.write(name, text)
			continue
		}
		for line := range strings.Lines(text) {
			output := w.shell(strings.TrimSpace(line))
			if strings.Contains(line, " plan") {
				plans = append(plans, output)
			}
		}
	}
	if len(plans) != 4 {
		t.Fatalf("the guide has %d plans", len(plans))
	}
	contains(t, plans[0], "1 to import, 0 to add, 0 to change, 0 to destroy")
	contains(t, plans[1], "No changes")
	if strings.Contains(plans[2], "to be replaced") ||
		strings.Contains(plans[2], "to destroy") && !strings.Contains(plans[2], "0 to destroy") {
		t.Error(plans[2])
	}
	contains(t, plans[3], "No changes")
	now := p.get("ExternalSecret", "database")
	if now == nil || now.GetUID() != uid || p.secretData("database")["password"] != storeValues["password"] {
		t.Errorf("the object became %v", now)
	}
}

// shell runs a command line of a guide in the workspace, and returns its output.
func (w *workspace) shell(line string) string {
	w.t.Helper()
	name, rest, _ := strings.Cut(line, " ")
	switch name {
	case "terraform":
		arguments := strings.Fields(rest)
		if strings.HasPrefix(rest, "apply") {
			arguments = append(arguments, "-auto-approve")
		}
		return w.run(append(arguments, "-no-color")...)
	case "rm":
		if err := os.Remove(filepath.Join(w.dir, rest)); err != nil {
			w.t.Fatal(err)
		}
		return ""
	}
	command := w.cmd("-c", line)
	command.Path, command.Args[0] = "/bin/sh", "sh"
	output, err := command.CombinedOutput()
	if err != nil {
		w.t.Fatalf("%s: %s\n%s", line, err, output)
	}
	return string(output)
}
