// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	published  = "https://registry.terraform.io/providers/amd-enterprise-ai/airm/latest/docs"
	repository = "https://github.com/amd-enterprise-ai/terraform-provider-airm"
	rawFiles   = "https://raw.githubusercontent.com/amd-enterprise-ai/terraform-provider-airm/main/"
)

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	code     = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	heading  = regexp.MustCompile(`(?m)^#+ (.+)$`)
	anchor   = regexp.MustCompile(`<a id="([^"]+)">`)
	fileLink = regexp.MustCompile("^" + repository + `/(?:blob|tree)/main/([^#]+)(?:#(.+))?$`)
)

// A registry serves the pages of docs/ under paths of its own, so every link there is absolute.
func TestLinksOfPublishedPages(t *testing.T) {
	count := 0
	for _, page := range markdownIn(t, root+"docs") {
		for _, to := range linksIn(t, page) {
			count++
			if problem := publishedProblem(t, page, to); problem != "" {
				t.Errorf("%s: %s %s", strings.TrimPrefix(page, root), to, problem)
			}
		}
	}
	if count < 200 {
		t.Fatalf("only %d links were found, so the search is broken", count)
	}
}

// Links of the other documents, which people read on GitHub, lead to files of the repository.
func TestLinksOfTheRepository(t *testing.T) {
	pages, _ := filepath.Glob(root + "*.md") // fails for a malformed pattern only
	for _, folder := range []string{"examples", "decisions", "internal"} {
		pages = append(pages, markdownIn(t, root+folder)...)
	}
	for _, page := range pages {
		for _, to := range linksIn(t, page) {
			if strings.Contains(to, "://") {
				continue
			}
			file, at, _ := strings.Cut(to, "#")
			if file != "" {
				file = filepath.Join(filepath.Dir(page), file)
			} else {
				file = page
			}
			if problem := fileProblem(t, file, at); problem != "" {
				t.Errorf("%s: %s %s", strings.TrimPrefix(page, root), to, problem)
			}
		}
	}
}

// publishedProblem returns why a link of a published page leads nowhere.
func publishedProblem(t *testing.T, page, to string) string {
	t.Helper()
	if at, isHere := strings.CutPrefix(to, "#"); isHere {
		return fileProblem(t, page, at)
	}
	if file, isRaw := strings.CutPrefix(to, rawFiles); isRaw {
		return fileProblem(t, root+file, "")
	}
	if parts := fileLink.FindStringSubmatch(to); parts != nil {
		return fileProblem(t, root+parts[1], parts[2])
	}
	if at, isReadme := strings.CutPrefix(to, repository+"#"); isReadme {
		return fileProblem(t, root+"README.md", at)
	}
	if rest, isOurs := strings.CutPrefix(to, published); isOurs {
		name, at, _ := strings.Cut(rest, "#")
		if name == "" {
			name = "/index"
		}
		return fileProblem(t, root+"docs"+name+".md", at)
	}
	if !strings.HasPrefix(to, "https://") {
		return "is relative: write it so that internal/dev/pages makes it absolute"
	}
	return ""
}

// fileProblem returns why a file, or a place in it, cannot be linked to.
func fileProblem(t *testing.T, file, at string) string {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		return "leads to no file"
	}
	if info.IsDir() {
		file = filepath.Join(file, "README.md")
	}
	if at != "" && !slices.Contains(anchorsIn(t, file), at) {
		return "leads to no heading"
	}
	return ""
}

// anchorsIn returns the anchors of a page: those it sets, and those of its headings.
func anchorsIn(t *testing.T, page string) []string {
	t.Helper()
	text := code.ReplaceAllString(read(t, page), "")
	var all []string
	for _, set := range anchor.FindAllStringSubmatch(text, -1) {
		all = append(all, set[1])
	}
	dropped := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for _, title := range heading.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.ReplaceAll(strings.ToLower(dropped.ReplaceAllString(title[1], "")), " ", "-"))
	}
	return all
}

func linksIn(t *testing.T, page string) []string {
	t.Helper()
	var all []string
	for _, found := range link.FindAllStringSubmatch(code.ReplaceAllString(read(t, page), ""), -1) {
		all = append(all, found[1])
	}
	return all
}

func markdownIn(t *testing.T, folder string) []string {
	t.Helper()
	var pages []string
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			pages = append(pages, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
