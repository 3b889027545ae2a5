package provider

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"sigs.k8s.io/yaml"
)

// esoField is what a CRD of ESO says about one field.
type esoField struct {
	typ      string
	required bool
}

const esoFieldsFile = "testdata/eso_v0.20.4_fields.txt"

// esoFields reads the fields of ESO's CRDs, by paths that start with the kind:
// `ExternalSecret.data[].secretKey`.
func esoFields(t *testing.T) map[string]esoField {
	t.Helper()
	file, err := os.Open(esoFieldsFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	fields := map[string]esoField{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) > 1 && words[0] != "#" {
			fields[words[0]] = esoField{words[1], len(words) > 2}
		}
	}
	if len(fields) < 300 {
		t.Fatalf("%s has only %d fields", esoFieldsFile, len(fields))
	}
	return fields
}

// fieldsIn notes the fields that a value holds, by their paths in the file of fields.
func fieldsIn(value any, at string, seen map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		for name, its := range value {
			seen[at+"."+name] = true
			fieldsIn(its, at+"."+name, seen)
		}
	case []any:
		for _, its := range value {
			fieldsIn(its, at+"[]", seen)
		}
	}
}

// unmet lists the fields below a path that were not met.
func unmet(fields map[string]esoField, at string, seen map[string]bool) []string {
	var missing []string
	for name := range fields {
		if strings.HasPrefix(name, at+".") && !seen[name] {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	return missing
}

func childrenOf(fields map[string]esoField, at string) []string {
	var names []string
	for esoPath := range fields {
		if name, ok := strings.CutPrefix(esoPath, at+"."); ok && !strings.ContainsAny(name, ".[") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// TestESOFieldsFile makes the file of fields anew from ESO's CRDs, for another
// version of ESO or another backend:
//
//	ESO_CRDS=deploy/crds/bundle.yaml go test -run TestESOFieldsFile ./internal/provider
func TestESOFieldsFile(t *testing.T) {
	bundle := os.Getenv("ESO_CRDS")
	if bundle == "" {
		t.Skip("ESO_CRDS does not name ESO's deploy/crds/bundle.yaml")
	}
	text, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, doc := range strings.Split(string(text), "\n---\n") {
		lines = append(lines, crdFields(t, doc)...)
	}
	header := "# Fields of the spec of ESO's v1 CRDs, and whether they are required.\n" +
		"# Of the backends only those that have arguments here, or will have. Made by TestESOFieldsFile.\n"
	if err := os.WriteFile(esoFieldsFile, []byte(header+strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// crdSchema is the part of an OpenAPI schema that TestESOFieldsFile needs.
type crdSchema struct {
	Type                 string
	Properties           map[string]crdSchema
	AdditionalProperties *crdSchema
	Items                *crdSchema
	Required             []string
}

func crdFields(t *testing.T, doc string) []string {
	t.Helper()
	var crd struct {
		Spec struct {
			Names    struct{ Kind string }
			Versions []struct {
				Name   string
				Schema struct{ OpenAPIV3Schema crdSchema }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(doc), &crd); err != nil {
		t.Fatal(err)
	}
	kind := crd.Spec.Names.Kind
	if kind != "ExternalSecret" && kind != "SecretStore" {
		return nil
	}
	var lines []string
	for _, version := range crd.Spec.Versions {
		if version.Name == "v1" {
			lines = fieldLines(kind, version.Schema.OpenAPIV3Schema.Properties["spec"])
		}
	}
	ours := []string{"aws", "azurekv", "fake", "gcpsm", "kubernetes", "vault"}
	return slices.DeleteFunc(lines, func(line string) bool {
		backend, ok := strings.CutPrefix(line, "SecretStore.provider.")
		return ok && !slices.Contains(ours, strings.FieldsFunc(backend, func(r rune) bool { return r == '.' || r == ' ' })[0])
	})
}

func fieldLines(at string, s crdSchema) []string {
	var lines []string
	for name, field := range s.Properties {
		child := at + "." + name
		line := child + " " + field.goType()
		if slices.Contains(s.Required, name) {
			line += " required"
		}
		lines = append(lines, line)
		if field.Items != nil {
			lines = append(lines, fieldLines(child+"[]", *field.Items)...)
		}
		lines = append(lines, fieldLines(child, field)...)
	}
	slices.Sort(lines)
	return lines
}

func (s crdSchema) goType() string {
	switch {
	case s.Items != nil:
		return "[]" + s.Items.goType()
	case s.AdditionalProperties != nil:
		return "map[string]" + s.AdditionalProperties.goType()
	default:
		return s.Type
	}
}

// visit calls f for every attribute of a schema, with its path in our and in
// ESO's notation.
func (s shape) visit(at, esoPath string, attrs map[string]schema.Attribute, f func(at, esoPath string, a schema.Attribute)) {
	for name, a := range attrs {
		child := join(at, name)
		esoChild := esoPath + "." + strings.Join(s.place(child), ".")
		f(child, esoChild, a)
		switch a := a.(type) {
		case schema.SingleNestedAttribute:
			s.visit(child, esoChild, a.Attributes, f)
		case schema.ListNestedAttribute:
			s.visit(join(child, "*"), esoChild+"[]", a.NestedObject.Attributes, f)
		case schema.MapNestedAttribute:
			s.visit(join(child, "*"), esoChild+"[]", a.NestedObject.Attributes, f)
		}
	}
}

// esoType is the type that an attribute must have in ESO.
func esoType(typ attr.Type, keyed bool) string {
	switch typ := typ.(type) {
	case types.ObjectType:
		return "object"
	case types.ListType:
		return "[]" + esoType(typ.ElemType, false)
	case types.MapType:
		if keyed {
			return "[]" + esoType(typ.ElemType, false)
		}
		return "map[string]" + esoType(typ.ElemType, false)
	case jsontypes.NormalizedType:
		return "object"
	}
	switch typ {
	case types.StringType:
		return "string"
	case types.BoolType:
		return "boolean"
	case types.Int64Type:
		return "integer"
	}
	return typ.String()
}

// checkAgainstESO compares the arguments of a kind with the fields that ESO has.
// The exceptions say why: by our path if an argument differs from its field, by
// ESO's path if a field has no argument.
func checkAgainstESO(t *testing.T, s shape, kind string, attrs map[string]schema.Attribute, exceptions map[string]string) {
	t.Helper()
	if diags := (schema.Schema{Attributes: attrs}).ValidateImplementation(t.Context()); diags.HasError() {
		t.Error(diags)
	}
	fields := esoFields(t)
	served := map[string]bool{}
	used := map[string]bool{}
	s.visit("", kind, attrs, func(at, esoPath string, a schema.Attribute) {
		if a.GetMarkdownDescription() == "" {
			t.Errorf("%s has no description", at)
		}
		served[esoPath] = true
		if exceptions[at] != "" {
			used[at] = true
			return
		}
		_, keyed := s.keyed[at]
		field, ok := fields[esoPath]
		got := esoField{esoType(a.GetType(), keyed), a.IsRequired()}
		if !ok || got != field {
			t.Errorf("%s is %v, and %s in ESO %v", at, got, esoPath, field)
		}
	})
	for esoPath, field := range fields {
		hasFields := strings.HasSuffix(field.typ, "object")
		if !strings.HasPrefix(esoPath, kind+".") || hasFields || served[esoPath] {
			continue
		}
		exception := ""
		for prefix := range exceptions {
			if esoPath == prefix || strings.HasPrefix(esoPath, prefix+".") || strings.HasPrefix(esoPath, prefix+"[") {
				exception = prefix
			}
		}
		used[exception] = true
		if exception == "" {
			t.Errorf("%s has no argument", esoPath)
		}
	}
	for exception := range exceptions {
		if !used[exception] {
			t.Errorf("%s is no exception", exception)
		}
	}
}
