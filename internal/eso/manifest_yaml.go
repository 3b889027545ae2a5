// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package eso

import (
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v2"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/jsonvalue"
)

// maxManifest is the greatest size of a manifest in bytes, as text and with its aliases expanded: etcd would not take
// more than 1.5 MiB.
const maxManifest = 1 << 20

// readDocument reads YAML as Kubernetes does (version 1.1) and returns the mapping of its only document, or nil and what
// is wrong.
func readDocument(ps *jsonvalue.Problems, text string) map[string]any {
	if len(text) > maxManifest {
		ps.Fail(nil, "Manifest too large", "The manifest has %d bytes, and at most %d can be stored in a cluster. Split it into several secrets.", len(text), maxManifest)
		return nil
	}
	if !utf8.ValidString(text) {
		ps.Fail(nil, "Manifest is not a string", "The manifest is not valid UTF-8. Save it as UTF-8.")
		return nil
	}
	documents, err := decodeDocuments(text)
	if err != nil {
		ps.Fail(nil, "Manifest is not valid YAML", "The manifest cannot be read as YAML: %s. %s", yamlReason(err), yamlAdvice(text))
		return nil
	}
	switch len(documents) {
	case 0:
		ps.Fail(nil, "Manifest is empty", "The manifest has no content. Write one ExternalSecret as YAML.")
		return nil
	case 1:
	default:
		ps.Fail(nil, "Several manifests", "The manifest has %d YAML documents, separated by \"---\", but must be exactly one ExternalSecret. Use a separate resource for each.", len(documents))
		return nil
	}
	reader := yamlReader{left: maxManifest}
	root, err := reader.plain(documents[0])
	if err != nil {
		ps.Fail(nil, "Manifest cannot be used", "The manifest %s.", err)
		return nil
	}
	m, ok := root.(map[string]any)
	if !ok {
		ps.Fail(nil, "Manifest is not a mapping", "The manifest is %s, but must be a mapping with apiVersion, kind, metadata and spec: one ExternalSecret.", jsonvalue.TypeName(root))
		return nil
	}
	return m
}

// decodeDocuments returns the YAML documents of a text, without the empty one that a "---" at the end leaves.
func decodeDocuments(text string) ([]any, error) {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.SetStrict(true)
	var documents []any
	for {
		var document any
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, err
		}
		if document != nil {
			documents = append(documents, document)
		}
	}
}

// bareTemplate is a template action outside of quotes and comments, which YAML takes for a mapping.
var bareTemplate = regexp.MustCompile(`(?m)^[^'"#\n]*\{\{`)

func yamlAdvice(text string) string {
	if bareTemplate.MatchString(text) {
		return "It has {{ outside of quotes, like a Helm template: render it first (helm template), or put the text in quotes."
	}
	return "Correct it there: indent with spaces, and write every key only once (keys merged with << count too)."
}

// invalidKey is how the parser reports a mapping or list in place of a key; it prints all of it.
var invalidKey = regexp.MustCompile(`invalid map key: .*`)

// notOfTag is how the parser reports a value that is not what its tag says; it prints the value.
var notOfTag = regexp.MustCompile("(cannot decode \\S+) `[^`]*` as")

// yamlReason makes the parser's errors, one on each line, one text that begins with the line number.
func yamlReason(err error) string {
	reason := strings.TrimPrefix(err.Error(), "yaml: ")
	reason = strings.TrimPrefix(reason, "unmarshal errors:")
	reason = notOfTag.ReplaceAllString(reason, "$1 as")
	reason = invalidKey.ReplaceAllString(reason, "found a mapping or a list instead of a key")
	var lines []string
	for line := range strings.SplitSeq(reason, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, strings.ReplaceAll(line, "already set in map", "is set twice"))
		}
	}
	return jsonvalue.Shorten(strings.Join(lines, "; "), 500)
}

// yamlReader turns what the YAML parser returns into a JSON-like value, and bounds its size: an alias repeats what it
// refers to.
type yamlReader struct{ left int }

func (r *yamlReader) plain(v any) (any, error) {
	r.left--
	switch v := v.(type) {
	case map[any]any:
		return r.mapping(v)
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			var err error
			if items[i], err = r.plain(item); err != nil {
				return nil, err
			}
		}
		return items, nil
	case string:
		if r.left -= len(v); r.left < 0 {
			return nil, errTooLarge
		}
		if !utf8.ValidString(v) {
			return nil, errors.New("has binary data that is not valid UTF-8, but the fields of an ExternalSecret are text. Encode the data")
		}
		return v, nil
	case int:
		return int64(v), nil
	case uint64:
		return float64(v), nil
	case float64:
		return plainNumber(v)
	case nil, bool, int64:
		if r.left < 0 {
			return nil, errTooLarge
		}
		return v, nil
	}
	return nil, fmt.Errorf("has a value of the type %T, which Kubernetes does not support. Write it as a string, in quotes", v)
}

func (r *yamlReader) mapping(v map[any]any) (any, error) {
	m := make(map[string]any, len(v))
	for key, value := range v {
		name, err := keyText(key)
		if err != nil {
			return nil, err
		}
		if r.left -= len(name); r.left < 0 {
			return nil, errTooLarge
		}
		// Leaving a field out and writing null mean the same.
		if value == nil {
			continue
		}
		if m[name] != nil {
			return nil, fmt.Errorf("has the key %s twice, once as a string and once as a number or boolean. Remove one of them", jsonvalue.Quote(name))
		}
		if m[name], err = r.plain(value); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// plainNumber returns a whole number as an integer, as Kubernetes reads it.
func plainNumber(v float64) (any, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, errors.New("has a number that is infinite or NaN, which Kubernetes does not accept. Write a finite number")
	}
	if i, whole := jsonvalue.Integer(v); whole {
		return i, nil
	}
	return v, nil
}

var errTooLarge = fmt.Errorf("has more than %d bytes after its aliases are expanded. Shorten it, and avoid aliases", maxManifest)

// keyText returns a key as text, as Kubernetes reads it.
func keyText(key any) (string, error) {
	switch key := key.(type) {
	case string:
		if utf8.ValidString(key) {
			return key, nil
		}
	case int:
		return strconv.Itoa(key), nil
	case bool:
		return strconv.FormatBool(key), nil
	}
	return "", fmt.Errorf("has a key that is not a string (%T). Write the key in quotes", key)
}
