// Command links makes the links between the pages of docs/ absolute. The registries serve a page under another path than
// its file has, so a relative link leads nowhere there. "make generate" calls it in the root folder of the repository.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// published is where Terraform's registry serves the pages of docs/ of the newest release.
const published = "https://registry.terraform.io/providers/amd-enterprise-ai/airm/latest/docs"

func main() {
	err := filepath.WalkDir("docs", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return os.WriteFile(file, []byte(absolute(filepath.ToSlash(file), string(text))), 0o644)
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "links:", err)
		os.Exit(1)
	}
}

// relative is a link to the file of another page, and to a place in it.
var relative = regexp.MustCompile(`\]\(([\w./-]+)\.md(#[\w-]+)?\)`)

// absolute returns the text of a page with links to the published pages.
func absolute(file, text string) string {
	return relative.ReplaceAllStringFunc(text, func(link string) string {
		parts := relative.FindStringSubmatch(link)
		page := strings.TrimPrefix(path.Join(path.Dir(file), parts[1]), "docs")
		return "](" + published + strings.TrimSuffix(page, "/index") + parts[2] + ")"
	})
}
