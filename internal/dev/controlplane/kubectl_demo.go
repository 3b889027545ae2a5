// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

//go:build demo && !envtest

package main

import (
	"os"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd/apply"
	"k8s.io/kubectl/pkg/cmd/delete"
	"k8s.io/kubectl/pkg/cmd/get"
	"k8s.io/kubectl/pkg/cmd/patch"
	"k8s.io/kubectl/pkg/cmd/util"
)

// runKubectl is kubectl with the commands that the demo runs. The others take longer to compile than External Secrets
// Operator.
func runKubectl() {
	flags := genericclioptions.NewConfigFlags(true)
	factory := util.NewFactory(util.NewMatchVersionFlags(flags))
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}

	command := &cobra.Command{Use: kubectlName, SilenceUsage: true}
	flags.AddFlags(command.PersistentFlags())
	command.AddCommand(
		apply.NewCmdApply(kubectlName, factory, streams),
		delete.NewCmdDelete(factory, streams),
		get.NewCmdGet(kubectlName, factory, streams),
		patch.NewCmdPatch(factory, streams),
	)
	if err := cli.RunNoErrOutput(command); err != nil {
		util.CheckErr(err)
	}
}
