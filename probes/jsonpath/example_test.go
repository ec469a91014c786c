package jsonpath_test

import (
	"encoding/json"
	"fmt"
	"log"

	"observatoire/probes/jsonpath"
)

func Example() {
	var health any
	err := json.Unmarshal([]byte(`{"checks": [
		{"name": "database", "status": "up", "ms": 12},
		{"name": "queue", "status": "down", "ms": 3100},
		{"name": "mail", "status": "degraded", "ms": 250}
	]}`), &health)
	if err != nil {
		log.Fatal(err)
	}
	path, err := jsonpath.Parse("$.checks[?@.status != 'up' && @.ms > 1000].name")
	if err != nil {
		log.Fatal(err)
	}
	names, err := path.Select(health)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(path, "selects", names)
	// Output: $.checks[?@.status != 'up' && @.ms > 1000].name selects [queue]
}

func ExampleParse_error() {
	_, err := jsonpath.Parse("$.checks[?@.status = 'up']")
	fmt.Println(err)
	// Output: jsonpath: column 20: expected ',' or ']', found '='
}
