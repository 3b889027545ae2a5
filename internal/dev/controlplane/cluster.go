// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	corev1 "k8s.io/api/core/v1"
)

// projectIDLabel makes a namespace a project of AMD Resource Manager.
const projectIDLabel = "airm.silogen.ai/project-id"

// cluster is a control plane in a folder of its own.
type cluster struct {
	name      string
	dir       string
	projects  []string
	workers   int      // of External Secrets Operator
	operator  string   // a binary with another version of it, empty for the one in this binary
	backends  []string // the environment by which it finds the emulated backends, if there are any
	lifeline  *os.File // inherited by every part, see exitWithParent
	url       string   // of the API server
	authority *certificateAuthority
	proxy     net.Listener // by which the operator finds the API server under its names in the cluster
	operating partCommand  // how the operator was started
	parts     []*component // in the order of their start
	replacing sync.Mutex   // of a part by another, which must not happen during the end
	stopping  atomic.Bool  // so that the end of a part is no news
	admin     *rest.Config
	dynamic   dynamic.Interface
}

// path is the path of a file in the cluster's folder.
func (c *cluster) path(elements ...string) string {
	return filepath.Join(append([]string{c.dir}, elements...)...)
}

// start returns when the whole cluster works. After an error the caller still has to stop it.
func (c *cluster) start(ctx context.Context) error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	var err error
	if c.authority, err = newAuthority(c.name); err != nil {
		return err
	}
	etcdURL, err := c.startEtcd(ctx)
	if err != nil {
		return err
	}
	if err := c.startAPIServer(etcdURL); err != nil {
		return err
	}
	if err := c.connect(ctx); err != nil {
		return err
	}
	if err := c.installOperator(ctx); err != nil {
		return err
	}
	// Only now: the garbage collector learns of new kinds every 30 seconds, but of those that exist at once.
	if err := c.startControllers(); err != nil {
		return err
	}
	if err := c.startExternalSecrets(); err != nil {
		return err
	}
	if err := c.createProjects(ctx); err != nil {
		return err
	}
	return c.probe(ctx)
}

// stop ends all parts, the last one first.
func (c *cluster) stop() {
	c.replacing.Lock()
	defer c.replacing.Unlock()
	c.stopping.Store(true)
	for i := len(c.parts) - 1; i >= 0; i-- {
		c.parts[i].stop()
	}
	if c.proxy != nil {
		_ = c.proxy.Close()
	}
}

// last is the part that was started last.
func (c *cluster) last() *component { return c.parts[len(c.parts)-1] }

// part is the part of this name, which must have been started.
func (c *cluster) part(name string) *component {
	return c.parts[slices.IndexFunc(c.parts, func(p *component) bool { return p.name == name })]
}

// startPart starts a part of this cluster.
func (c *cluster) startPart(what partCommand) error {
	p, err := what.start(c.dir, c.lifeline)
	c.add(p)
	return err
}

// add makes a part, if it was started, one of this cluster.
func (c *cluster) add(p *component) {
	if p != nil {
		c.parts = append(c.parts, p)
	}
}

// startEtcd returns the URL that etcd reports once it serves.
func (c *cluster) startEtcd(ctx context.Context) (string, error) {
	p, url, err := partCommand{name: etcdPart, args: []string{"--data-dir=" + c.path("data")}}.startReporting(ctx, c.dir, c.lifeline)
	c.add(p)
	return url, err
}

// connect waits until the API server is ready.
func (c *cluster) connect(ctx context.Context) error {
	kubeconfig, err := c.writePartKubeconfig("admin", "control-plane", []string{"system:masters"})
	if err != nil {
		return err
	}
	if c.admin, err = clientcmd.BuildConfigFromFlags("", kubeconfig); err != nil {
		return err
	}
	c.admin.QPS = -1
	if c.dynamic, err = dynamic.NewForConfig(c.admin); err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(c.admin)
	if err != nil {
		return err
	}
	return c.last().waitFor(ctx, "a ready API server", func(ctx context.Context) error {
		return client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	})
}

// installOperator does what the operator's Helm chart does, but for its pods.
func (c *cluster) installOperator(ctx context.Context) error {
	bundle, err := c.bundle(ctx)
	if err != nil {
		return err
	}
	definitions, err := customResourceDefinitions(bundle)
	if err != nil {
		return err
	}
	rights, err := parseManifests(operatorManifests)
	if err != nil {
		return err
	}
	if err := c.create(ctx, slices.Concat(definitions, rights)...); err != nil {
		return err
	}
	return c.last().waitFor(ctx, "the operator's kinds", func(ctx context.Context) error {
		for _, definition := range definitions {
			if err := c.hasCondition(ctx, definition, "Established"); err != nil {
				return err
			}
		}
		return nil
	})
}

// bundle has the operator's kinds. Another version of it prints its own.
func (c *cluster) bundle(ctx context.Context) (string, error) {
	if c.operator == "" {
		return operatorKinds()
	}
	text, err := exec.CommandContext(ctx, c.operator, "crds").Output()
	if err != nil {
		return "", fmt.Errorf("%s crds: %w", c.operator, err)
	}
	return string(text), nil
}

func (c *cluster) startControllers() error {
	// Each controller acts as its own service account, which only an administrator may.
	kubeconfig, err := c.writePartKubeconfig(controllersPart, "controllers", []string{"system:masters"})
	if err != nil {
		return err
	}
	return c.startPart(partCommand{name: controllersPart, args: []string{"--kubeconfig=" + kubeconfig, "--root-ca-file=" + c.path("pki", "ca.crt")}})
}

func (c *cluster) startExternalSecrets() error {
	user, groups := serviceAccountUser("external-secrets", "external-secrets")
	kubeconfig, err := c.writePartKubeconfig(externalSecretsPart, user, groups)
	if err != nil {
		return err
	}
	environment := os.Environ()
	if c.backends != nil {
		environment = append(withoutCloudAccounts(environment), c.backends...)
		proxy, err := c.startProxy()
		if err != nil {
			return err
		}
		// One worker validates all stores: without this, a Vault that is not there holds the others up for 4 s.
		environment = append(environment, "HTTPS_PROXY="+proxy, "VAULT_MAX_RETRIES=0")
	}
	environment = append(environment, "KUBECONFIG="+kubeconfig)
	c.operating = partCommand{
		name: externalSecretsPart, args: []string{"--concurrent=" + strconv.Itoa(c.workers)},
		environment: environment, executable: c.operator,
	}
	return c.startPart(c.operating)
}

// operatorPause is between the end of an operator and the start of the next.
const operatorPause = time.Second

// keepOperator starts the operator again whenever it crashes, as a Deployment does: its fake backend, which the reconcilers
// of all kinds share without a lock, crashes it now and then. Where it is killed, another is to take its place.
func (c *cluster) keepOperator(p *component) {
	for p != nil {
		<-p.exited
		if c.stopping.Load() {
			return
		}
		if p.killed() {
			c.reportEnd(p)
			return
		}
		former := p.log + ".former"
		if err := os.Rename(p.log, former); err != nil {
			logf("%v", err)
		}
		logf("%s of cluster %s has ended (%v; %s) and is started again; its log is %s", p.name, c.name, exitReason(p.err), crash(former), former)
		time.Sleep(operatorPause)
		p = c.replaceOperator(p)
	}
}

// reportEnd tells of a part that nothing starts again: it explains the errors that follow.
func (c *cluster) reportEnd(p *component) {
	logf("%s of cluster %s has ended (%v); its log is %s", p.name, c.name, exitReason(p.err), p.log)
}

// crash is the line of a log that says why the Go runtime ended the process, empty if there is none.
func crash(log string) string {
	content, _ := os.ReadFile(log)
	return strings.TrimSpace(string(regexp.MustCompile(`(?m)^(fatal error|panic|SIG[A-Z]+): .*`).Find(content)))
}

// replaceOperator returns the new part, or nil at the end of the cluster.
func (c *cluster) replaceOperator(old *component) *component {
	c.replacing.Lock()
	defer c.replacing.Unlock()
	if c.stopping.Load() {
		return nil
	}
	p, err := c.operating.start(c.dir, c.lifeline)
	if err != nil {
		logf("%s of cluster %s: %v", old.name, c.name, err)
	}
	if p != nil {
		c.parts[slices.Index(c.parts, old)] = p
	}
	return p
}

// createProjects creates the namespaces of the projects. A project has the same id in every cluster.
func (c *cluster) createProjects(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(c.admin)
	if err != nil {
		return err
	}
	for _, name := range c.projects {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
			Name:   name,
			Labels: map[string]string{projectIDLabel: uuid.NewSHA1(uuid.NameSpaceDNS, []byte(name)).String()},
		}}
		if _, err := client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create project %s: %w", name, err)
		}
	}
	return nil
}

// startAll starts clusters side by side. After the first error the others give up.
func startAll(ctx context.Context, clusters []*cluster) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, c := range clusters {
		group.Go(func() error {
			if err := c.start(ctx); err != nil {
				return fmt.Errorf("cluster %s: %w", c.name, err)
			}
			return nil
		})
	}
	return group.Wait()
}
