package config_test

import (
	"fmt"
	"strings"

	"observatoire/config"
)

func Example() {
	const text = `
site: {contact: ops@observatoire.example}
producers: [{id: dinum, name: DINUM}]
apis:
  - id: api-geo
    name: API Géo
    producer: dinum
    access: open
    probes:
      - name: communes
        every: 5m
        http: {}
        assert: [{status: [42]}]
`
	_, err := config.Read("probes.yaml", strings.NewReader(text), engines())
	fmt.Println(err)

	fixed := strings.NewReplacer("http: {}", "http: {url: https://geo.example/communes}", "[42]", "[200]").Replace(text)
	c, err := config.Read("probes.yaml", strings.NewReader(fixed), engines())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, job := range c.Jobs {
		fmt.Println(job.Watched.ID, "every", job.Watched.Period, "as", c.UserAgent("0.1"))
	}
	// Output:
	// probes.yaml:12: apis "api-geo": probe "communes": http: url: required
	// probes.yaml:13: apis "api-geo": probe "communes": assert #1: status: [0]: 42 is not a status: want 100 to 599
	// api-geo/communes every 5m0s as Observatoire/0.1 (+ops@observatoire.example)
}
