// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// ordinaryUsers have no rights until RBAC grants them some. The group of a user is its plural.
var ordinaryUsers = []string{"platform-admin", "team-member", "outsider"}

// serviceAccountUser is the name and the groups under which a service account makes its requests.
func serviceAccountUser(namespace, name string) (user string, groups []string) {
	return fmt.Sprintf("system:serviceaccount:%s:%s", namespace, name),
		[]string{"system:serviceaccounts", "system:serviceaccounts:" + namespace}
}

// addContext adds a context for a user of the cluster to a kubeconfig.
func (c *cluster) addContext(config *api.Config, context, user string, groups []string) error {
	pair, err := c.authority.issue(user, groups)
	if err != nil {
		return err
	}
	config.Clusters[c.name] = &api.Cluster{Server: c.url, CertificateAuthorityData: c.authority.certificate}
	config.AuthInfos[context] = &api.AuthInfo{ClientCertificateData: pair.certificate, ClientKeyData: pair.key}
	config.Contexts[context] = &api.Context{Cluster: c.name, AuthInfo: context}
	return nil
}

// addContexts adds the contexts that people use: CLUSTER for the administrator, USER@CLUSTER for the others.
func (c *cluster) addContexts(config *api.Config) error {
	if err := c.addContext(config, c.name, "admin", []string{"system:masters"}); err != nil {
		return err
	}
	for _, user := range ordinaryUsers {
		if err := c.addContext(config, user+"@"+c.name, user, []string{user + "s"}); err != nil {
			return err
		}
	}
	return nil
}

// writeKubeconfig writes one kubeconfig for all clusters. The first one is current.
func writeKubeconfig(path string, clusters []*cluster) error {
	config := api.NewConfig()
	config.CurrentContext = clusters[0].name
	for _, c := range clusters {
		if err := c.addContexts(config); err != nil {
			return err
		}
	}
	return clientcmd.WriteToFile(*config, path)
}

// writePartKubeconfig writes the kubeconfig of a part and says where.
func (c *cluster) writePartKubeconfig(part, user string, groups []string) (string, error) {
	config := api.NewConfig()
	config.CurrentContext = part
	if err := c.addContext(config, part, user, groups); err != nil {
		return "", err
	}
	path := c.path(part + ".kubeconfig")
	return path, clientcmd.WriteToFile(*config, path)
}

func writeFiles(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(dir+"/"+name, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}
