package dashboard

import (
	"encoding/json"
	"fmt"
	"html/template"
	"math"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// chart is one figure over time, shown three ways: options that the browser
// draws, an SVG for when it does not, and a table.
type chart struct {
	ID, Title, Intro string
	Unit             string // of the values, such as "ms"
	Stacked          bool
	Times            []string // one label for each point
	Lines            []line
	SVG              template.HTML
	Options          json.RawMessage
	Table            table
}

// line is one series; NaN is a gap. Class is its colour's, "c1" to "c6".
type line struct {
	Name, Class string
	Values      []float64
}

// table is a chart's data for those who read.
type table struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// draw fills in what shows the lines. The table leaves out times without a value.
func (c *chart) draw(l *language) error {
	for i := range c.Lines {
		c.Lines[i].Class = fmt.Sprintf("c%d", i%6+1)
	}
	options, err := c.options()
	if err != nil {
		return err
	}
	c.Options, c.SVG = options, c.svg(l)
	c.Table = table{Caption: c.Title, Head: append([]string{l.Service.When}, c.names()...)}
	for n, when := range c.Times {
		row, empty := []string{when}, true
		for _, s := range c.Lines {
			text := "–"
			if v := s.Values[n]; !math.IsNaN(v) {
				text, empty = l.decimal(v, 1)+fixed+c.Unit, false
			}
			row = append(row, text)
		}
		if !empty {
			c.Table.Rows = append(c.Table.Rows, row)
		}
	}
	return nil
}

func (c *chart) names() []string {
	names := make([]string, len(c.Lines))
	for i, s := range c.Lines {
		names[i] = s.Name
	}
	return names
}

// empty reports whether no line has a value.
func (c *chart) empty() bool {
	for _, s := range c.Lines {
		for _, v := range s.Values {
			if !math.IsNaN(v) {
				return false
			}
		}
	}
	return true
}

// options returns what ECharts draws. Colours, fonts and the tooltip's mode are
// set by site.js, which knows the reader's theme.
func (c *chart) options() (json.RawMessage, error) {
	drawn := charts.NewLine()
	drawn.SetGlobalOptions(
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis"}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithXAxisOpts(opts.XAxis{Type: "category"}),
		charts.WithYAxisOpts(opts.YAxis{Type: "value", Min: 0}),
		charts.WithGridOpts(opts.Grid{Left: "56", Right: "16", Top: "16", Bottom: "32"}),
		charts.WithAnimation(false),
	)
	drawn.SetXAxis(c.Times)
	for _, s := range c.Lines {
		data := make([]opts.LineData, len(s.Values))
		for n, v := range s.Values {
			data[n].Value = "-" // ECharts' word for a gap
			if !math.IsNaN(v) {
				data[n].Value = math.Round(v*1000) / 1000
			}
		}
		settings := opts.LineChart{ShowSymbol: opts.Bool(len(c.Times) < 3)}
		styles := []charts.SeriesOpts{}
		if c.Stacked {
			settings.Stack = "all"
			styles = append(styles, charts.WithAreaStyleOpts(opts.AreaStyle{Opacity: opts.Float(0.75)}))
		}
		drawn.AddSeries(s.Name, data, append(styles, charts.WithLineChartOpts(settings))...)
	}
	drawn.Validate()
	options, err := json.Marshal(drawn.JSON())
	if err != nil {
		return nil, fmt.Errorf("chart %s: %w", c.ID, err)
	}
	return options, nil
}
