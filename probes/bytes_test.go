package probes_test

import (
	"testing"

	"observatoire/probes"
)

func TestBytes(t *testing.T) {
	for text, want := range map[string]probes.Bytes{
		"0": 0, "500": 500, "7B": 7, "512kB": 512_000, "4MB": 4_000_000, "4 mb": 4_000_000, "1GB": 1e9,
		"64KiB": 65_536, "1MiB": 1 << 20, "2GiB": 2 << 30,
	} {
		var b probes.Bytes
		if err := b.UnmarshalText([]byte(text)); err != nil || b != want {
			t.Errorf("%q is %d, want %d (%v)", text, b, want, err)
		}
	}
	for _, text := range []string{"", "MB", "-1", "+1", "1.5MB", "4 M B", "1TB", "0x10", "99999999999GB", "9223372036854775808"} {
		var b probes.Bytes
		if err := b.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %d, want an error", text, b)
		}
	}
}

func FuzzBytes(f *testing.F) {
	for _, text := range []string{"4MB", "1 GiB", "9223372036854775807", "x", "8589934592GiB"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b, again probes.Bytes
		if b.UnmarshalText([]byte(text)) != nil {
			return
		}
		if b < 0 {
			t.Fatalf("%q is %d", text, b)
		}
		if err := again.UnmarshalText([]byte(b.String())); err != nil || again != b {
			t.Errorf("%q is %d, written %s, read again %d (%v)", text, b, b, again, err)
		}
	})
}
