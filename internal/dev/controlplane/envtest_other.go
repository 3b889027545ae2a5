// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

//go:build envtest && !linux

package main

// endWithParent does nothing here: after a SIGKILL of the parent, etcd and kube-apiserver have to be ended by hand.
func endWithParent() {}
