// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

// Command controlplane runs Kubernetes control planes with the External Secrets Operator on this machine, for
// development, tests and demonstrations. Everything in it is the real thing (etcd, kube-apiserver, the controllers that
// matter to secrets, the operator's own reconcilers); only nodes are missing, so no pod ever runs.
//
// The whole is one binary. It starts itself again for each part, under the part's name, as busybox does: see parts.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

const usage = `Usage:
  controlplane run [flags] [-- COMMAND ARGS...]   start the clusters, run COMMAND against them, remove everything
  controlplane kubectl ARGS...                    the kubectl that fits
  controlplane validate                           say of each object on the input, in JSON, what a cluster would refuse

Without COMMAND the clusters stay until you press Ctrl-C. "controlplane run -h" lists the flags.
`

const (
	etcdPart    = "etcd"
	kubectlName = "kubectl"
)

// commands are the servers, by the name under which this binary acts as one of them.
var commands = map[string]func(args []string) error{
	etcdPart:            runEtcd,
	apiServerPart:       runAPIServer,
	controllersPart:     runControllers,
	externalSecretsPart: runExternalSecrets,
	backendsPart:        runBackends,
}

func main() {
	name := filepath.Base(os.Args[0])
	if part, ok := commands[name]; ok {
		exitWithParent()
		if err := part(os.Args[1:]); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
			os.Exit(1)
		}
		return
	}
	if name == kubectlName {
		runKubectl()
		return
	}
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	switch os.Args[1] {
	case "run":
		exitCode, err := run(os.Args[2:])
		if err != nil {
			fmt.Fprintf(os.Stderr, "controlplane: %v\n", err)
		}
		os.Exit(exitCode)
	case kubectlName:
		os.Args = os.Args[1:]
		runKubectl()
	case "validate":
		if err := validate(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintf(os.Stderr, "controlplane: %v\n", err)
			os.Exit(1)
		}
	case "help", "-h", "--help":
		fmt.Print(usage)
	default:
		fmt.Fprintf(os.Stderr, "There is no command %q.\n\n%s", os.Args[1], usage)
		os.Exit(2)
	}
}
