package slo

// Objective is the recommended level of one indicator: a band of values for
// Optimal and one for Partial, over a window, as a named source sets it.
type Objective struct {
	Indicator       Indicator `yaml:"indicator" doc:"availability, server_time, page_time or freshness" required:"true"`
	Optimal         float64   `yaml:"optimal" doc:"from this value on the level is optimal (availability: a ratio; times: seconds)" required:"true"`
	Partial         float64   `yaml:"partial" doc:"from this value on the level is partial; weak beyond it" required:"true"`
	Window          Window    `yaml:"window" doc:"day, month, quarter or a number of days such as 90d"`
	MinMeasurements int64     `yaml:"min_measurements" doc:"with fewer measurements in the window the level stays pending"`
	Source          string    `yaml:"source" doc:"who sets the level, and where" required:"true"`
}

// Profile is a named set of recommended levels.
type Profile struct {
	Name       string      `yaml:"name"`
	Title      string      `yaml:"title" doc:"for readers"`
	Objectives []Objective `yaml:"objectives" required:"true"`
}
