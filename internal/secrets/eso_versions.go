package secrets

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/eso"
)

// CheckVersions warns, once for all of them, of the fields and values of a spec that not every supported version of ESO has.
func CheckVersions(kind string, spec map[string]any) []Problem {
	v := versioned{}
	v.walk(specOf(kind), spec, Path{"spec"})
	if len(v.at) == 0 {
		return nil
	}
	var ps problems
	text := v.needs[0]
	for i, at := range v.at[1:] {
		text += fmt.Sprintf("; %s: %s", at, v.needs[i+1])
	}
	ps.warn(v.at[0], "Not in every version of ESO", "%s. A cluster with another version of External Secrets Operator refuses this.", text).Also = v.at[1:]
	return ps
}

// versioned collects what depends on ESO's version.
type versioned struct {
	at    []Path
	needs []string
}

func (v *versioned) walk(f field, value any, p Path) {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range keysOf(value) {
			child, known := f.child(key)
			if !known {
				continue
			}
			if at := p.with(key); child.Span != (eso.Span{}) {
				v.add(at, "the field", child.Span)
			} else {
				v.walk(child, value[key], at)
			}
		}
	case []any:
		for i, item := range value {
			if f.item != nil {
				v.walk(*f.item, item, p.with(i))
			}
		}
	case string:
		for _, its := range f.Values {
			if its.Text == value && its.Span != (eso.Span{}) {
				v.add(p, value, its.Span)
			}
		}
	}
}

func (v *versioned) add(at Path, what string, span eso.Span) {
	v.at = append(v.at, at)
	v.needs = append(v.needs, what+" "+needs(span))
}

// VersionsOf says which versions of ESO have the field at a path such as spec.data[0].remoteRef.nullBytePolicy, or its
// values; empty where all supported ones have it, or none.
func VersionsOf(kind, path string) string {
	f, its := eso.Spec(kind), eso.Span{}
	for step := range strings.SplitSeq(strings.TrimPrefix(indices.ReplaceAllString(strings.TrimPrefix(path, "."), ""), "spec."), ".") {
		if f = f.Below(step); f == nil {
			return ""
		}
		if f.Span != (eso.Span{}) {
			its = f.Span
		}
	}
	if its != (eso.Span{}) {
		return "it " + needs(its)
	}
	var all []string
	for _, value := range f.Values {
		if value.Span != (eso.Span{}) {
			all = append(all, value.Text+" "+needs(value.Span))
		}
	}
	return strings.Join(all, ", ")
}

var indices = regexp.MustCompile(`\[[0-9]+\]`)

// needs says which versions of ESO something needs.
func needs(span eso.Span) string {
	switch {
	case span.Until == "":
		return fmt.Sprintf("needs ESO %s or later", span.Since)
	case span.Since == "":
		return fmt.Sprintf("is gone after ESO %s", span.Until)
	}
	return fmt.Sprintf("is in ESO %s to %s only", span.Since, span.Until)
}
