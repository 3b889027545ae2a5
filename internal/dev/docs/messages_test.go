// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root            = "../../../"
	troubleshooting = root + "templates/guides/troubleshooting.md.tmpl"
)

// hole stands for what a message names: a cluster, an object, a field.
const hole = "…"

// summaryArgument is where the functions that make a message take its summary.
var summaryArgument = map[string]int{
	"AddError": 0, "AddWarning": 0, "NewErrorDiagnostic": 0, "NewWarningDiagnostic": 0,
	"AddAttributeError": 1, "AddAttributeWarning": 1, "NewAttributeErrorDiagnostic": 1, "NewAttributeWarningDiagnostic": 1,
	"addDiagnostic": 2, "refuse": 0, "Warn": 1, "Fail": 1, "warn": 1, "fail": 1,
}

// Every message of the provider is explained in the guide, and the guide explains no other.
func TestEveryMessageIsExplained(t *testing.T) {
	messages := map[string]string{} // where, by summary
	for _, folder := range []string{"provider", "organization", "objects", "cluster", "eso", "attribute"} {
		collect(t, root+"internal/"+folder, messages)
	}
	if len(messages) < 150 {
		t.Fatalf("only %d messages were found, so the search is broken", len(messages))
	}
	text, err := os.ReadFile(troubleshooting)
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		if explained[row[1]] {
			t.Errorf("the guide explains %q twice", row[1])
		}
		explained[row[1]] = true
		if messages[row[1]] == "" {
			t.Errorf("the guide explains %q, which nothing says: remove the row, or write it as the code does", row[1])
		}
	}
	for message, where := range messages {
		if !explained[message] {
			t.Errorf("%s: %q is not explained: add a row to templates/guides/troubleshooting.md.tmpl and run `make generate`", where, message)
		}
	}
}

func collect(t *testing.T, folder string, messages map[string]string) {
	t.Helper()
	files := token.NewFileSet()
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_function.go") {
			return err
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		for _, declaration := range file.Decls {
			for _, found := range summaries(declaration) {
				position := files.Position(found.at.Pos())
				messages[found.text] = strings.TrimPrefix(position.Filename, root) + ":" + strconv.Itoa(position.Line)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

type summary struct {
	at   ast.Node
	text string
}

// summaries finds the summaries of messages that a declaration makes. What it only passes on has no text of its own.
func summaries(declaration ast.Decl) []summary {
	local := map[string][]ast.Expr{} // what a variable is set to
	var found []summary
	add := func(e ast.Expr) {
		for _, text := range exprTexts(e, local) {
			found = append(found, summary{at: e, text: text})
		}
	}
	ast.Inspect(declaration, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.AssignStmt:
			for i, left := range node.Lhs {
				if name, ok := left.(*ast.Ident); ok && len(node.Lhs) == len(node.Rhs) {
					local[name.Name] = append(local[name.Name], node.Rhs[i])
				}
			}
		case *ast.CallExpr:
			at, ok := summaryArgument[exprName(node.Fun)]
			if exprName(node.Fun) == "fail" && receiver(declaration) == "Cluster" {
				at = 0
			}
			if ok && at < len(node.Args) {
				add(node.Args[at])
			}
		case *ast.KeyValueExpr:
			if key := exprName(node.Key); key == "summary" || key == "Summary" {
				add(node.Value)
			}
		}
		return true
	})
	return found
}

// exprTexts are the forms that a summary can have, with holes.
func exprTexts(e ast.Expr, local map[string][]ast.Expr) []string {
	var all []string
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return []string{text}
	case *ast.BinaryExpr:
		for _, left := range orHole(exprTexts(e.X, local)) {
			for _, right := range orHole(exprTexts(e.Y, local)) {
				all = append(all, left+right)
			}
		}
	case *ast.CallExpr:
		if isCall(e, "Sprintf") {
			for _, format := range exprTexts(e.Args[0], local) {
				all = append(all, regexp.MustCompile(`%[a-z]`).ReplaceAllString(format, hole))
			}
		}
		if isCall(e, "capitalized") {
			return exprTexts(e.Args[0], local)
		}
	case *ast.Ident:
		for _, value := range local[e.Name] {
			all = append(all, exprTexts(value, map[string][]ast.Expr{})...)
		}
	}
	return slices.DeleteFunc(all, func(text string) bool { return strings.Trim(text, hole+" ") == "" })
}

func orHole(texts []string) []string {
	if len(texts) == 0 {
		return []string{hole}
	}
	return texts
}

func exprName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func isCall(e ast.Expr, function string) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && exprName(call.Fun) == function
}

// receiver is the type that a function is a method of.
func receiver(declaration ast.Decl) string {
	function, ok := declaration.(*ast.FuncDecl)
	if !ok || function.Recv == nil {
		return ""
	}
	of := function.Recv.List[0].Type
	if pointer, ok := of.(*ast.StarExpr); ok {
		of = pointer.X
	}
	return exprName(of)
}
