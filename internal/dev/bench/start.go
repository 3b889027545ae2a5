// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const starts = 11

// start measures the time from the start of a provider's process to its schema, and the memory that it has then.
func (b *bench) start(ctx context.Context) error {
	printHead("From the start of the process to the schema", "wall", "against empty", "memory")
	contenders := []contender{b.empty, b.framework, b.ours}
	all := make([][]measured, len(contenders))
	for range starts {
		for i, who := range contenders {
			m, err := startOnce(ctx, who)
			if err != nil {
				return fmt.Errorf("%s: %w", who.name, err)
			}
			all[i] = append(all[i], m)
		}
	}
	for i, who := range contenders {
		m := median(all[i])
		printRow(who.name, milliseconds(m.wall), ratio(m.wall, median(all[0]).wall), megabytes(m.provider.memory))
	}
	b.aim("start: against an empty framework provider", maxStartOfEmpty, timesLonger(median(all[2]).wall, median(all[0]).wall), " ×")
	return nil
}

// startOnce does what Terraform does: it starts the plugin, reads from its first line where it listens, and asks.
func startOnce(ctx context.Context, who contender) (m measured, err error) {
	process := exec.CommandContext(ctx, who.binary)
	process.Env = append(os.Environ(), append(who.env, "PLUGIN_PROTOCOL_VERSIONS=6",
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")...)
	output, err := process.StdoutPipe()
	if err != nil {
		return m, err
	}
	started := time.Now()
	if err := process.Start(); err != nil {
		return m, err
	}
	defer func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	}()
	line, err := bufio.NewReader(output).ReadString('\n')
	fields := strings.Split(line, "|")
	if err != nil || len(fields) < 5 {
		return m, fmt.Errorf("it says %q: %w", line, err)
	}
	connection, err := grpc.NewClient(fields[2]+":"+fields[3], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return m, err
	}
	defer func() { _ = connection.Close() }()
	const call = "/tfplugin6.Provider/GetProviderSchema"
	var schema []byte
	err = connection.Invoke(ctx, call, []byte{}, &schema, grpc.ForceCodec(raw{}), grpc.MaxCallRecvMsgSize(64<<20))
	if err != nil {
		return m, err
	}
	return measured{wall: time.Since(started), provider: usage{memory: highWater(strconv.Itoa(process.Process.Pid))}}, nil
}

// raw leaves messages as they are.
type raw struct{}

func (raw) Name() string { return "raw" }

func (raw) Marshal(message any) ([]byte, error) { return message.([]byte), nil }

func (raw) Unmarshal(data []byte, message any) error {
	*message.(*[]byte) = append([]byte(nil), data...)
	return nil
}
