package dashboard

import (
	"html/template"
	"math"
	"strings"
)

// The drawing's measures, in the units of its viewBox.
const (
	svgWidth, svgHeight     = 760.0, 240.0
	plotLeft, plotRight     = 56.0, 752.0
	plotTop, plotBottom     = 12.0, 208.0
	mostLabels, mostOfTicks = 6, 5
)

// svg draws the lines without a script, with the page's own classes for colours.
func (c *chart) svg(l *language) template.HTML {
	stacks := c.stacks()
	highest := 0.0
	for _, values := range stacks {
		for _, v := range values {
			if !math.IsNaN(v) {
				highest = max(highest, v)
			}
		}
	}
	step := niceStep(highest / (mostOfTicks - 1))
	top := step * math.Max(1, math.Ceil(highest/step-1e-9))

	var b strings.Builder
	b.WriteString(`<svg class="plot" viewBox="0 0 760 240" role="img" aria-label="` + template.HTMLEscapeString(c.Title) + `">`)
	for tick := 0.0; tick <= top+step/2; tick += step {
		y := coordinate(plotY(tick, top))
		b.WriteString(`<path class="rule" d="M56 ` + y + `H752"/><text x="50" y="` + y + `" dy="4" text-anchor="end">` + l.decimal(tick, 2) + `</text>`)
	}
	c.axis(&b)
	for i := len(stacks) - 1; i >= 0; i-- { // the highest stack first, the others before it
		values := stacks[i]
		class := c.Lines[i].Class
		if c.Stacked {
			b.WriteString(`<path class="area ` + class + `" d="` + c.shape(values, top, true) + `"/>`)
		} else {
			b.WriteString(`<path class="line ` + class + `" d="` + c.shape(values, top, false) + `"/>`)
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// axis writes some of the times below the plot.
func (c *chart) axis(b *strings.Builder) {
	every := max(1, (len(c.Times)+mostLabels-1)/mostLabels)
	for n := 0; n < len(c.Times); n += every {
		anchor := "middle"
		if n == 0 {
			anchor = "start"
		}
		b.WriteString(`<text x="` + coordinate(c.plotX(n)) + `" y="230" text-anchor="` + anchor + `">` + template.HTMLEscapeString(c.Times[n]) + `</text>`)
	}
}

// stacks returns each line's values, added to those below it when stacked.
func (c *chart) stacks() [][]float64 {
	stacks := make([][]float64, len(c.Lines))
	for i, s := range c.Lines {
		stacks[i] = s.Values
		if !c.Stacked || i == 0 {
			continue
		}
		sum := make([]float64, len(s.Values))
		for n, v := range s.Values {
			sum[n] = v + stacks[i-1][n]
		}
		stacks[i] = sum
	}
	return stacks
}

// shape returns the path of a line, or of the area below it; a gap ends one
// stretch and begins another.
func (c *chart) shape(values []float64, top float64, area bool) string {
	var b strings.Builder
	begin := -1
	end := func(n int) {
		if begin < 0 {
			return
		}
		if area {
			b.WriteString("L" + coordinate(c.plotX(n-1)) + " 208L" + coordinate(c.plotX(begin)) + " 208z")
		} else if n-1 == begin {
			b.WriteString("h.1") // a lone point, seen by its round cap
		}
		begin = -1
	}
	for n, v := range values {
		if math.IsNaN(v) {
			end(n)
			continue
		}
		command := "L"
		if begin < 0 {
			begin, command = n, "M"
		}
		b.WriteString(command + coordinate(c.plotX(n)) + " " + coordinate(plotY(v, top)))
	}
	end(len(values))
	return b.String()
}

func (c *chart) plotX(n int) float64 {
	return plotLeft + (plotRight-plotLeft)*float64(n)/float64(max(1, len(c.Times)-1))
}

func plotY(v, top float64) float64 { return plotBottom - (plotBottom-plotTop)*v/top }

// niceStep returns the smallest of 1, 2 and 5 times a power of ten that is at least x.
func niceStep(x float64) float64 {
	if x <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= x*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}
