// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"testing"
)

// No local name hides a function, type, variable or constant of its package. The parser's own resolution is enough for that.
func TestNoShadowedNames(t *testing.T) {
	files, fset := map[string][]*ast.File{}, token.NewFileSet()
	parse := func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err == nil {
			id := filepath.Dir(path) + " " + f.Name.Name
			files[id] = append(files[id], f)
		}
		return err
	}
	if err := filepath.WalkDir("../..", parse); err != nil || len(files) < 20 {
		t.Fatalf("found %d packages: %v", len(files), err)
	}
	for _, pkg := range files {
		names := map[string]bool{}
		for _, f := range pkg {
			for name := range f.Scope.Objects {
				names[name] = true
			}
		}
		for _, f := range pkg {
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.StructType, *ast.InterfaceType:
					return false // fields and methods hide nothing
				case *ast.Ident:
					if o := n.Obj; o != nil && o.Pos() == n.Pos() && o.Kind != ast.Lbl && names[n.Name] && f.Scope.Lookup(n.Name) != o {
						t.Errorf("%s: %s hides a name of the package", fset.Position(n.Pos()), n.Name)
					}
				}
				return true
			})
		}
	}
}
