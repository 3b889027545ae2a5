// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Results are tables in Markdown; each row is printed as soon as it is measured.

func printHead(title string, columns ...string) {
	fmt.Printf("\n### %s\n\n| | %s |\n|---%s\n", title, strings.Join(columns, " | "), strings.Repeat("|---:", len(columns))+"|")
}

func printRow(what string, cells ...string) {
	fmt.Printf("| %s | %s |\n", what, strings.Join(cells, " | "))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.0f ms", float64(d.Microseconds())/1000)
}

func megabytes(bytes int64) string {
	if bytes == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f MiB", float64(bytes)/(1<<20))
}

func ratio(a, b time.Duration) string { return fmt.Sprintf("%.2f ×", timesLonger(a, b)) }

func each(requests int64, count int) string {
	return fmt.Sprintf("%.2f", float64(requests)/float64(count))
}

// median is that of the wall time; memory and requests are the highest.
func median(all []measured) measured {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b measured) int { return int(a.wall - b.wall) })
	middle := sorted[len(sorted)/2]
	for _, m := range all {
		middle.provider.memory, middle.requests = max(middle.provider.memory, m.provider.memory), max(middle.requests, m.requests)
	}
	return middle
}

// describe says on what it runs.
func (b *bench) describe() error {
	version, err := exec.Command(b.cli, "version").Output()
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(version), "\n")
	fmt.Printf("%s, %s, %d cores, %s\n", first, runtime.Version(), runtime.NumCPU(), time.Now().Format(time.DateOnly))
	return nil
}
