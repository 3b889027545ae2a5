// Copyright © Advanced Micro Devices, Inc., or its affiliates.
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"strings"
)

// picture is boxes, and arrows between points.
type picture struct {
	title         string
	width, height int
	boxes         []boxShape
	arrows        []arrowShape
}

// boxShape is a rectangle with lines of text, the first of which is its name. A frame has its name at the top, and room for
// other boxes.
type boxShape struct {
	x, y, w, h int
	style      string // frame, ours, cluster or backend
	text       []string
}

// arrowShape is a line through points, with a text at a place of its own.
type arrowShape struct {
	points [][2]int
	dashed bool
	at     [2]int
	anchor string // of the text: start (the default), middle or end
	text   string
}

var colours = map[string]string{
	"frame":   `fill="#f6f8fa" stroke="#8c959f"`,
	"ours":    `fill="#ddf4ff" stroke="#0969da"`,
	"cluster": `fill="#ffffff" stroke="#57606a"`,
	"good":    `fill="#dafbe1" stroke="#1a7f37"`,
	"wait":    `fill="#fff8c5" stroke="#9a6700"`,
	"bad":     `fill="#ffebe9" stroke="#cf222e"`,
}

const lineHeight = 17

var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (p picture) svg() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%[2]d" role="img" font-family="Helvetica, Arial, sans-serif" font-size="13">`+"\n", p.width, p.height)
	fmt.Fprintf(&b, "<title>%s</title>\n", escaped.Replace(p.title))
	b.WriteString(`<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 10 5 0 10z" fill="#57606a"/></marker></defs>` + "\n")
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", p.width, p.height)
	for _, box := range p.boxes {
		box.write(&b)
	}
	for _, arrow := range p.arrows {
		arrow.write(&b)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (x boxShape) write(b *strings.Builder) {
	fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" rx="6" %s/>`+"\n", x.x, x.y, x.w, x.h, colours[x.style])
	top := x.y + (x.h-lineHeight*len(x.text))/2 + 13
	if x.style == "frame" {
		top = x.y + 20
	}
	for i, line := range x.text {
		weight := "normal"
		if i == 0 {
			weight = "bold"
		}
		fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle" font-weight="%s" fill="#1f2328">%s</text>`+"\n", x.x+x.w/2, top+i*lineHeight, weight, escaped.Replace(line))
	}
}

func (a arrowShape) write(b *strings.Builder) {
	var points []string
	for _, p := range a.points {
		points = append(points, fmt.Sprintf("%d,%d", p[0], p[1]))
	}
	dash := ""
	if a.dashed {
		dash = ` stroke-dasharray="5 4"`
	}
	fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="#57606a" stroke-width="1.5"%s marker-end="url(#head)"/>`+"\n", strings.Join(points, " "), dash)
	anchor := a.anchor
	if anchor == "" {
		anchor = "start"
	}
	for i, line := range strings.Split(a.text, "\n") {
		fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="%s" font-size="12" fill="#57606a">%s</text>`+"\n", a.at[0], a.at[1]+i*15, anchor, escaped.Replace(line))
	}
}
