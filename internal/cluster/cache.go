// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/logging"
)

const (
	// firstReads is how many objects of a kind are read one by one before anything is listed.
	firstReads = 4

	// objectsPerRead is how many objects of a list cost as much as reading one object by itself: a few secrets
	// of a cluster with ten thousand are still read one by one.
	objectsPerRead = 250

	// restarts is how often a list begins anew because its snapshot expired (410) between two pages.
	restarts = 3
)

// readCache is what a run has listed. A run that reads many objects of a kind lists them once, for all its resources, and uses that
// list until its end.
//
// It only saves requests. What it does not have, for whatever reason, is read live, and so is what this run writes, so that a read
// never returns an older object. It has no watch: a plan needs none, and an apply waits by those of watch.go.
type readCache struct {
	sizes      lazyMap[size]
	lists      lazyMap[listing]
	namespaces lazyMap[string] // the UIDs of those of records

	mu      sync.Mutex
	asked   map[string]int // how many reads of a kind there were
	written map[airm.Ref]bool
}

// size is how many objects of a kind there are in the cluster, if it may be listed as a whole.
type size struct {
	objects int
	refused bool
}

// listing holds objects as they were sent, by storeKey: JSON takes a tenth of the memory of the parsed objects. It is nil where
// listing does not work.
type listing map[string][]byte

// Read reads an object as Get does, but with one list for all objects of its kind where a run reads many.
func (c *Cluster) Read(ctx context.Context, ref airm.Ref) (*unstructured.Unstructured, error) {
	object, err := c.fromList(ctx, ref)
	if err != nil {
		return nil, c.explain("read", ref.String(), err)
	}
	if object == nil {
		return c.Get(ctx, ref)
	}
	return object, nil
}

// fromList returns an object of the list that it would be in, nil where it is to be read live. An error means that the cluster is
// unavailable.
func (c *Cluster) fromList(ctx context.Context, ref airm.Ref) (*unstructured.Unstructured, error) {
	objects, err := c.listed(ctx, ref)
	if err != nil {
		return nil, err
	}
	content, found := objects[storeKey(ref)]
	if !found || c.reads.isWritten(ref) {
		return nil, nil
	}
	object := &unstructured.Unstructured{}
	if utiljson.Unmarshal(content, &object.Object) != nil {
		return nil, nil //nolint:nilerr // it is read live then
	}
	if ref.Kind == kindRecord { // a list of a built-in kind says it once for all
		object.SetAPIVersion("v1")
		object.SetKind(ref.Kind)
	}
	return object, nil
}

// listed returns the list that an object would be in, nil where it is to be read live.
func (c *Cluster) listed(ctx context.Context, ref airm.Ref) (listing, error) {
	asked := c.reads.ask(ref)
	if asked <= firstReads || c.reads.isWritten(ref) {
		return nil, nil
	}
	scope := ""
	if ref.Kind == kindRecord {
		scope = ref.Project // the other ConfigMaps of the cluster are none of our business
	}
	found, err := c.reads.sizes.get(ctx, ref.Kind+" "+scope, func(ctx context.Context, _ string) (size, error) {
		return c.size(ctx, ref.Kind, scope)
	})
	if err != nil || !found.refused && asked*objectsPerRead < found.objects {
		return nil, err
	}
	if found.refused {
		scope = ref.Project // a user who may not list everywhere may be allowed to list in the project
	}
	return c.reads.lists.get(ctx, ref.Kind+" "+scope, func(ctx context.Context, _ string) (listing, error) {
		return c.listing(ctx, ref.Kind, scope), nil
	})
}

func (c *readCache) ask(ref airm.Ref) (asked int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked == nil {
		c.asked = map[string]int{}
	}
	c.asked[ref.Kind]++
	return c.asked[ref.Kind]
}

// wrote marks an object to be read live from now on. It comes before the write, so that no list from before the write is used after
// it.
func (c *readCache) wrote(ref airm.Ref) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.written == nil {
		c.written = map[airm.Ref]bool{}
	}
	c.written[ref] = true
}

func (c *readCache) isWritten(ref airm.Ref) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.written[ref]
}

// size reads one object, and how many there are beyond it.
func (c *Cluster) size(ctx context.Context, kind, project string) (size, error) {
	first, err := c.page(ctx, kind, project, 1, "")
	if IsForbidden(err) {
		return size{refused: true}, nil
	}
	return size{objects: len(first.Items) + first.Metadata.RemainingItemCount}, err
}

// listing reads all objects of a kind in a project, or everywhere. It is nil where that fails: objects are read one by one then.
func (c *Cluster) listing(ctx context.Context, kind, project string) listing {
	objects, next, restarted := listing{}, "", 0
	for {
		page, err := c.page(ctx, kind, project, pageSize, next)
		if apierrors.IsGone(err) && restarted < restarts {
			objects, next, restarted = listing{}, "", restarted+1
			continue
		}
		if err != nil || objects.add(page.Items) != nil {
			return nil
		}
		if next = page.Metadata.Continue; next == "" {
			slog.DebugContext(ctx, "Listed instead of reading one by one", logging.KeyCluster, c.name, logging.KeyKind, kind,
				logging.KeyProject, project, logging.KeyCount, len(objects))
			return objects
		}
	}
}

// listPage is a part of a list as the API server sends it. The objects in it stay JSON: only those that are read are parsed.
type listPage struct {
	Metadata struct {
		Continue           string `json:"continue"`
		RemainingItemCount int    `json:"remainingItemCount"`
	} `json:"metadata"`
	Items []json.RawMessage `json:"items"`
}

func (c *Cluster) page(ctx context.Context, kind, project string, limit int, next string) (answer listPage, err error) {
	path, err := c.listPath(ctx, kind, project)
	if err != nil {
		return listPage{}, err
	}
	conn, err := c.connect(ctx)
	if err != nil {
		return listPage{}, err
	}
	body, err := conn.rest.Get().AbsPath(path...).Param("limit", strconv.Itoa(limit)).Param("continue", next).Do(ctx).Raw()
	if err != nil {
		return listPage{}, err
	}
	err = json.Unmarshal(body, &answer)
	return answer, err
}

// listPath returns the path of a list in a project, or everywhere.
func (c *Cluster) listPath(ctx context.Context, kind, project string) ([]string, error) {
	if kind == kindRecord {
		return []string{"/api/v1/namespaces", project, configMaps.Resource}, nil
	}
	version, err := c.APIVersion(ctx)
	if project == "" {
		return []string{"/apis", airm.Group, version, resources[kind]}, err
	}
	return []string{"/apis", airm.Group, version, "namespaces", project, resources[kind]}, err
}

// add adds the objects of a page.
func (l listing) add(items []json.RawMessage) error {
	for _, item := range items {
		var object struct {
			Metadata struct{ Namespace, Name string } `json:"metadata"`
		}
		if err := json.Unmarshal(item, &object); err != nil {
			return err
		}
		l[storeKey(airm.Ref{Project: object.Metadata.Namespace, Name: object.Metadata.Name})] = item
	}
	return nil
}
