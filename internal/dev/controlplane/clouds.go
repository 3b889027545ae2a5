// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

//go:build !demo

package main

// startClouds emulates the backends that cost the most to compile.
func (s *backendServers) startClouds() error {
	for _, start := range []func() error{s.startAWS, s.addGCP, s.addAzure} {
		if err := start(); err != nil {
			return err
		}
	}
	return nil
}
