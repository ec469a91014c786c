package catalogue_test

import (
	"fmt"
	"testing"
	"time"

	"observatoire/catalogue"
)

func TestRate(t *testing.T) {
	tests := map[string]catalogue.Rate{
		"10/s":    {Requests: 10, Per: time.Second},
		"250/min": {Requests: 250, Per: time.Minute},
		"100/h":   {Requests: 100, Per: time.Hour},
		"5000/d":  {Requests: 5000, Per: 24 * time.Hour},
	}
	for text, want := range tests {
		var r catalogue.Rate
		if err := r.UnmarshalText([]byte(text)); err != nil || r != want || r.String() != text {
			t.Errorf("%q reads as %v, %v", text, r, err)
		}
	}
	for _, text := range []string{"", "10", "/s", "0/s", "-1/s", "10/y", "10/s/s", "ten/s"} {
		var r catalogue.Rate
		if err := r.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q reads as %v", text, r)
		}
	}
}

func TestRateAllows(t *testing.T) {
	daily := catalogue.Rate{Requests: 288, Per: 24 * time.Hour}
	if !daily.Allows(1, 5*time.Minute) {
		t.Error("288 a day do not allow one each five minutes")
	}
	if daily.Allows(2, 5*time.Minute) || daily.Allows(1, 4*time.Minute) {
		t.Error("288 a day allow more than one each five minutes")
	}
	if !(catalogue.Rate{}).Allows(1000, time.Second) {
		t.Error("an undeclared rate allows nothing")
	}
}

func TestRatio(t *testing.T) {
	var r catalogue.Ratio
	if err := r.UnmarshalText([]byte("99.9")); err != nil || r != 0.999 {
		t.Errorf("99.9 reads as %v, %v; what is measured as 999 in 1000 must equal it", float64(r), err)
	}
	for _, text := range []string{"", "0", "-1", "100.01", "NaN", "Inf", "99,9", "99.9%"} {
		if err := r.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q reads as %v", text, float64(r))
		}
	}
}

func TestAccessAndDate(t *testing.T) {
	var a catalogue.Access
	if err := a.UnmarshalText([]byte("restricted")); err != nil || a != catalogue.Restricted {
		t.Errorf("%v, %v", a, err)
	}
	if err := a.UnmarshalText([]byte("secret")); err == nil {
		t.Error("an unknown access is accepted")
	}
	var d catalogue.Date
	if err := d.UnmarshalText([]byte("2026-08-21")); err != nil || d != "2026-08-21" {
		t.Errorf("%v, %v", d, err)
	}
	for _, text := range []string{"21/08/2026", "2026-02-30", ""} {
		if err := d.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is accepted as a date", text)
		}
	}
}

func ExampleRate() {
	var r catalogue.Rate
	if err := r.UnmarshalText([]byte("250/min")); err != nil {
		fmt.Println(err)
	}
	fmt.Println(r, r.Allows(1, 5*time.Minute))
	// Output: 250/min true
}
