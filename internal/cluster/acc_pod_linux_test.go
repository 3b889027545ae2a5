// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package cluster

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/amd-enterprise-ai/terraform-provider-airm/internal/airm"
)

// serviceAccountDir is where a pod finds its credentials.
const serviceAccountDir = "/var/run/secrets/kubernetes.io/serviceaccount"

// TestAccConnectInPod connects as a pod does: by the files and variables that Kubernetes gives it. The test starts itself
// again in namespaces of Linux of its own, where it may put these files in their place.
func TestAccConnectInPod(t *testing.T) {
	if project := os.Getenv("AIRM_TEST_POD"); project != "" {
		connectInPod(t, project)
		return
	}
	t.Parallel()
	p := newProject(t)
	admin := p.spelledOut()
	host, err := url.Parse(admin.Host)
	p.ok(err)
	command := exec.Command("/proc/self/exe", "-test.run=^TestAccConnectInPod$", "-test.v")
	command.Env = []string{
		"AIRM_TEST_POD=" + p.name, "KUBERNETES_SERVICE_HOST=" + host.Hostname(), "KUBERNETES_SERVICE_PORT=" + host.Port(),
		"TOKEN=" + p.token(), "CA=" + admin.ClusterCACertificate,
	}
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	output, err := command.CombinedOutput()
	if err != nil && len(output) == 0 {
		t.Skipf("this machine gives no namespaces: %v", err)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// connectInPod runs in the pod.
func connectInPod(t *testing.T, project string) {
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(syscall.Mount("tmpfs", "/run", "tmpfs", 0, ""))
	if _, err := os.Stat("/var/run"); err != nil {
		must(os.MkdirAll("/var/run", 0o755))
	}
	must(os.MkdirAll(serviceAccountDir, 0o755))
	must(os.WriteFile(filepath.Join(serviceAccountDir, "token"), []byte(os.Getenv("TOKEN")), 0o600))
	must(os.WriteFile(filepath.Join(serviceAccountDir, "ca.crt"), []byte(os.Getenv("CA")), 0o600))
	ref := airm.Ref{Kind: airm.KindExternalSecret, Project: project, Name: "none"}
	_, err := New("pod", Config{}.WithEnvironment(os.Getenv), testOptions()).Get(context.Background(), ref)
	if !IsNotFound(err) {
		t.Errorf("the cluster of the pod: %v", err)
	}
}
