package probes

import "net/url"

// TakeFrom returns what a step takes from an answer.
func TakeFrom(take Take, o *Observation) (string, error) {
	t, err := take.compile()
	if err != nil {
		return "", err
	}
	return t.from(o)
}

// PutInto returns the address that a step asks for, as it is sent; it is empty
// where it cannot be sent.
func PutInto(address, value string) string {
	t, err := parseTemplate(address)
	if err != nil {
		return ""
	}
	u, err := url.Parse(t.address(func(string) string { return value }))
	if err != nil {
		return "invalid: " + err.Error()
	}
	if u.Query().Get("y") != value {
		return "the query is not the value"
	}
	return u.String()
}
