// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// secretsConfig configures project secrets, as many to a project as object has it.
func secretsConfig(count int, wait bool) string {
	return fmt.Sprintf(`resource "airm_project_secret" "bench" {
  count         = %d
  project       = "bench-${floor(count.index / %d)}"
  name          = "secret-${count.index}"
  store         = { name = "bench" }
  wait_for_sync = %t
  data = {
    password = { key = "app", property = "password" }
    username = { key = "app", property = "username" }
  }
}
`, count, perProject, wait)
}

// dataConfig is about as much for Terraform alone.
func dataConfig(count int) string {
	return fmt.Sprintf(`resource "terraform_data" "bench" {
  count = %d
  input = {
    project = "bench-${floor(count.index / %d)}"
    name    = "secret-${count.index}"
    store   = { name = "bench" }
    data = {
      password = { key = "app", property = "password" }
      username = { key = "app", property = "username" }
    }
  }
}
`, count, perProject)
}

// refresh measures plans without a change. The first secret is made by an apply; the others, and their states, are copies.
func (b *bench) refresh(ctx context.Context) error {
	if err := b.bare.projects(ctx, 1); err != nil {
		return err
	}
	first, err := b.workspace(b.ours, secretsConfig(1, true))
	if err != nil {
		return err
	}
	if _, err := first.run(ctx, "apply", "-auto-approve", "-no-color"); err != nil {
		return err
	}
	data, err := b.workspace(b.none, dataConfig(1))
	if err != nil {
		return err
	}
	if _, err := data.run(ctx, "apply", "-auto-approve", "-no-color"); err != nil {
		return err
	}
	if err := b.eso.rest(); err != nil {
		return err
	}
	defer func() { _ = b.eso.goOn() }()
	printHead("Plan without a change", "wall", "ours against it", "CPU", "ours against it", "of it the provider", "API requests", "memory")
	for _, count := range b.sizes.refresh {
		if err := b.refreshMany(ctx, first, data, count); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) refreshMany(ctx context.Context, first, data *workspace, count int) error {
	uids, err := b.seed(ctx, count)
	if err != nil {
		return err
	}
	var spaces []*workspace
	contenders := []contender{b.ours, b.none, b.passthrough, b.framework}
	if b.sizes.quick > 0 && count >= b.sizes.quick {
		contenders = contenders[:3]
	}
	for _, who := range contenders {
		w, err := b.copies(who, first, data, count, uids)
		if err != nil {
			return err
		}
		spaces = append(spaces, w)
	}
	repeats := b.sizes.repeats
	if count > 1000 {
		repeats = 1
	}
	results, err := repeat(ctx, spaces, repeats, "plan", "-detailed-exitcode", "-no-color")
	if err != nil {
		return err
	}
	b.aimAtPlan(count, results)
	for i, w := range spaces {
		printRow(fmt.Sprintf("%d secrets: %s", count, w.who.name), seconds(results[i].wall), ratio(results[0].wall, results[i].wall),
			seconds(results[i].cpu), ratio(results[0].cpu, results[i].cpu), seconds(results[i].provider.cpu),
			fmt.Sprint(results[i].requests), megabytes(results[i].provider.memory))
	}
	return nil
}

// repeat runs a command in each workspace in turn, and returns the median of each.
func repeat(ctx context.Context, spaces []*workspace, times int, args ...string) ([]measured, error) {
	all := make([][]measured, len(spaces))
	for range times {
		for i, w := range spaces {
			m, err := w.run(ctx, args...)
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], m)
		}
	}
	medians := make([]measured, len(spaces))
	for i := range spaces {
		medians[i] = median(all[i])
	}
	return medians, nil
}

// copies makes a workspace with the state of many secrets.
func (b *bench) copies(who contender, first, data *workspace, count int, uids []string) (*workspace, error) {
	from, config := first, secretsConfig(count, true)
	if who.binary == "" {
		from, config = data, dataConfig(count)
	}
	w, err := b.workspace(who, config)
	if err != nil {
		return nil, err
	}
	template, err := from.state()
	if err != nil {
		return nil, err
	}
	return w, w.copyState(template, count, func(i int, instance map[string]any) error {
		project, name := place(i)
		attributes := instance["attributes"].(map[string]any)
		if who.binary == "" {
			attributes["id"] = fmt.Sprintf("id-%d", i)
			for _, side := range []string{"input", "output"} {
				value := attributes[side].(map[string]any)["value"].(map[string]any)
				value["project"], value["name"] = project, name
			}
			return nil
		}
		attributes["id"], attributes["project"], attributes["name"], attributes["secret_name"] = project+"/"+name, project, name, name
		attributes["uids"] = copiedUIDs(attributes["uids"], project+"/"+name, uids[i])
		private, err := replaced(instance["private"], uids[0], uids[i])
		instance["private"] = private
		return err
	})
}

// copiedUIDs is the attribute uids for another object; that of the cluster stays.
func copiedUIDs(template any, id, uid string) map[string]any {
	copied := map[string]any{}
	entries, _ := template.(map[string]any)
	for key, value := range entries {
		if cluster, rest, _ := strings.Cut(key, "/"); rest != "kube-system" {
			key, value = cluster+"/"+id, uid
		}
		copied[key] = value
	}
	return copied
}

// replaced is the private data of a resource with another UID in it.
func replaced(private any, before, after string) ([]byte, error) {
	text, _ := private.(string)
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	values := map[string][]byte{}
	if err := json.Unmarshal(decoded, &values); err != nil {
		return nil, err
	}
	for key, value := range values {
		values[key] = bytes.ReplaceAll(value, []byte(before), []byte(after))
	}
	return json.Marshal(values)
}

// seed makes copies of the first object with its status, up to a number of them. It returns their UIDs.
func (b *bench) seed(ctx context.Context, count int) (uids []string, err error) {
	if err := b.bare.projects(ctx, (count+perProject-1)/perProject); err != nil {
		return nil, err
	}
	project, name := place(0)
	template, err := b.bare.client.Resource(externalSecrets).Namespace(project).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	uids = make([]string, count)
	err = inParallel(count, 8, func(i int) error {
		made, err := b.copyObject(ctx, template, i)
		if err == nil {
			uids[i] = string(made.GetUID())
		}
		return err
	})
	return uids, err
}

func (b *bench) copyObject(ctx context.Context, template *unstructured.Unstructured, i int) (*unstructured.Unstructured, error) {
	project, name := place(i)
	client := b.bare.client.Resource(externalSecrets).Namespace(project)
	if found, err := client.Get(ctx, name, metav1.GetOptions{}); err == nil {
		return found, nil
	}
	object := template.DeepCopy()
	from := template.Object["metadata"].(map[string]any)
	object.Object["metadata"] = map[string]any{
		"namespace": project, "name": name,
		"annotations": from["annotations"], "labels": from["labels"], "finalizers": from["finalizers"],
	}
	made, err := client.Create(ctx, object, metav1.CreateOptions{FieldManager: "terraform-provider-airm"})
	if err != nil {
		return nil, err
	}
	made.Object["status"] = object.Object["status"]
	_ = unstructured.SetNestedField(made.Object, "1-copied", "status", "syncedResourceVersion")
	return client.UpdateStatus(ctx, made, metav1.UpdateOptions{FieldManager: "external-secrets"})
}
