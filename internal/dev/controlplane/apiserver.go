// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import "net"

const (
	apiServerPart = "kube-apiserver"

	serviceAccountIssuer = "https://kubernetes.default.svc"
)

// startAPIServer starts kube-apiserver with the defaults of a real cluster, as far as they make sense without nodes.
func (c *cluster) startAPIServer(etcdURL string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close() // the server has its own copy: once it is gone, connections are refused
	c.url = "https://" + listener.Addr().String()

	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		return err
	}
	defer file.Close()
	if err := c.writeAPIServerFiles(); err != nil {
		return err
	}
	return c.startPart(partCommand{name: apiServerPart, extra: file, args: []string{
		"--etcd-servers=" + etcdURL,
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1", // else it looks for a network, and fails where there is none
		"--cert-dir=" + c.path("pki"),
		"--tls-cert-file=" + c.path("pki", "apiserver.crt"),
		"--tls-private-key-file=" + c.path("pki", "apiserver.key"),
		"--client-ca-file=" + c.path("pki", "ca.crt"),
		"--authorization-mode=RBAC",
		"--service-account-issuer=" + serviceAccountIssuer,
		"--service-account-signing-key-file=" + c.path("pki", "service-account.key"),
		"--service-account-key-file=" + c.path("pki", "service-account.key"),
		"--service-cluster-ip-range=10.0.0.0/24",
		// Nothing could be reached at the address that the Service "kubernetes" would get.
		"--endpoint-reconciler-type=none",
	}})
}

func (c *cluster) writeAPIServerFiles() error {
	serving, err := c.authority.issue("kube-apiserver", nil, apiServerHosts...)
	if err != nil {
		return err
	}
	serviceAccount, err := newKeyPair()
	if err != nil {
		return err
	}
	return writeFiles(c.path("pki"), map[string][]byte{
		"ca.crt":              c.authority.certificate,
		"apiserver.crt":       serving.certificate,
		"apiserver.key":       serving.key,
		"service-account.key": serviceAccount.key,
	})
}
