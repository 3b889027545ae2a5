// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import "strings"

// place is where an object is.
type place struct{ cluster, project, name string }

func (p place) String() string { return p.cluster + ": " + p.project + "/" + p.name }

// wantedSecret is an ExternalSecret that the configurations call for, with its Kubernetes Secret.
type wantedSecret struct {
	secretContent
	owner        string
	organization string // the organization secret, empty for a secret of the project
	store, key   string
	labels       map[string]string
	data         map[string]string // of the Kubernetes Secret
}

// wantedRow is the record of an assignment.
type wantedRow struct {
	owner    string
	clusters []string
}

// wanted is all that the configurations of both workspaces call for.
type wanted struct {
	names
	secrets     map[place]wantedSecret
	rows        map[string]wantedRow // by "secret/project"
	definitions map[string]string    // owners, by organization secret
	stores      map[place]string     // owners
}

func newWanted(n names, configurations []*workspaceConfig) *wanted {
	w := &wanted{
		names: n, secrets: map[place]wantedSecret{}, rows: map[string]wantedRow{},
		definitions: map[string]string{}, stores: map[place]string{},
	}
	defined := map[string]secretContent{}
	for _, c := range configurations {
		for name, its := range c.defined {
			defined[name], w.definitions[name] = *its, c.owner()
		}
	}
	for _, c := range configurations {
		for secret, its := range c.assigned {
			for project, p := range its {
				w.assign(c, secret, project, *p, defined[secret])
			}
		}
		for secret, its := range c.sets {
			for project := range its.projects {
				w.assign(c, secret, project, its.placement, defined[secret])
			}
		}
		for id, its := range c.secrets {
			project, name, _ := strings.Cut(id, "/")
			secret := wantedSecret{secretContent: its.secretContent, owner: c.owner(), store: c.store, key: keyName(its.key)}
			w.place(c, project, its.placement, secret, name)
		}
		if c.own > 0 {
			project := c.projects[0].name
			secret := wantedSecret{secretContent: ownContent, owner: c.owner(), store: c.ownStore, key: ownKey(c.own)}
			w.place(c, project, placement{}, secret, ownSecret)
			for _, cluster := range c.placed(project, placement{}) {
				w.stores[place{cluster, project, c.ownStore}] = c.owner()
			}
		}
	}
	return w
}

func (w *wanted) assign(c *workspaceConfig, secret, project string, p placement, its secretContent) {
	w.rows[secret+"/"+project] = wantedRow{owner: c.owner(), clusters: c.placed(project, p)}
	copied := wantedSecret{secretContent: its, owner: c.owner(), organization: secret, store: c.store, key: keyName(its.key)}
	w.place(c, project, p, copied, secret)
}

func (w *wanted) place(c *workspaceConfig, project string, p placement, s wantedSecret, name string) {
	s.labels = map[string]string{}
	if s.label > 0 {
		s.labels["content"] = versionLabel(s.label)
	}
	if p.label > 0 {
		s.labels["placement"] = versionLabel(p.label)
	}
	value := valueOf(c.run, s.key)
	s.data = map[string]string{"password": value}
	if s.template > 0 {
		s.data = map[string]string{"text": templateText(s.template, value)}
	}
	for _, cluster := range c.placed(project, p) {
		w.secrets[place{cluster, project, name}] = s
	}
}
