// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package attribute

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/acctest"
)

func TestPath(t *testing.T) {
	content := acctest.ParseYAML(t, `
data: [{secretKey: A, remoteRef: {key: a}}, {secretKey: PASSWORD, remoteRef: {key: db}}]
sources: [{key: a}]
target: {metadata: {labels: {a.b/c: x}}}
`)
	data, target := path.Root("data").AtMapKey("PASSWORD"), path.Root("target")
	for _, test := range []struct {
		eso  []any
		want path.Path
	}{
		{[]any{"data", 1, "remoteRef", "key"}, data.AtName("key")},
		{[]any{"data", 1, "sourceRef", "storeRef", "kind"}, data.AtName("store").AtName("kind")},
		{[]any{"data", 1, "remoteRef"}, data},
		{[]any{"data", 1, "secretKey"}, data},
		{[]any{"data", 7, "remoteRef"}, path.Root("data")},
		{[]any{"data"}, path.Root("data")},
		{[]any{"secretStoreRef", "name"}, path.Root("store").AtName("name")},
		{[]any{"sources", 0, "apiVersion"}, path.Root("sources").AtListIndex(0).AtName("api_version")},
		{[]any{"sources", 0, "unheardOf"}, path.Root("sources").AtListIndex(0)},
		{[]any{"target", "metadata", "labels", "a.b/c"}, target.AtName("labels").AtMapKey("a.b/c")},
		{[]any{"target", "metadata"}, target},
		{[]any{"provider", "vault", "path"}, path.Root("vault").AtName("path")},
		{[]any{"provider", "webhook", "url"}, path.Root("other")},
		{[]any{"unheardOf"}, path.Empty()},
		{nil, path.Empty()},
	} {
		if got := testMapping.Path(test.eso, content); !got.Equal(test.want) {
			t.Errorf("%v: got %s, want %s", test.eso, got, test.want)
		}
	}
}
