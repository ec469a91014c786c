package probes

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bytes is a number of bytes. It is written as a number with or without a unit:
// 500, 512kB, 4MB, 1GB (powers of 1,000) or 64KiB, 4MiB, 1GiB (powers of 1,024).
type Bytes int64

// byteUnits are in the order in which String tries them.
var byteUnits = [...]struct {
	name string
	size Bytes
}{{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

// UnmarshalText reads a number of bytes. Upper and lower case are the same.
func (b *Bytes) UnmarshalText(text []byte) error {
	digits := strings.TrimSpace(string(text))
	size := Bytes(1)
	for _, unit := range byteUnits {
		cut := len(digits) - len(unit.name)
		if cut > 0 && strings.EqualFold(digits[cut:], unit.name) {
			digits, size = strings.TrimSpace(digits[:cut]), unit.size
			break
		}
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || n > math.MaxInt64/uint64(size) {
		return fmt.Errorf("%q is not a size: want a whole number with a unit, such as 512kB or 4MB", text)
	}
	*b = Bytes(n) * size
	return nil
}

// MarshalText returns the size as [Bytes.String] does.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// String returns the size with the largest unit that divides it.
func (b Bytes) String() string {
	for _, unit := range byteUnits {
		if b != 0 && b%unit.size == 0 && unit.size > 1 {
			return strconv.FormatInt(int64(b/unit.size), 10) + unit.name
		}
	}
	return strconv.FormatInt(int64(b), 10)
}
