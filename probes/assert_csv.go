package probes

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// CSV asserts that the body is a table of CSV (RFC 4180) with a header, and
// what it holds. Each row has as many fields as the header. A byte order mark
// is no part of the first name.
type CSV struct {
	Columns   []string `yaml:"columns" doc:"names that the header must have, in any order, exactly as written"`
	RowsMin   int      `yaml:"rows_min" doc:"the table has at least so many rows below the header"`
	RowsMax   int      `yaml:"rows_max" doc:"the table has at most so many rows below the header"`
	Separator string   `yaml:"separator" doc:"one character between two fields, or the word tab"`
	Encoding  string   `yaml:"encoding" doc:"utf-8, or latin1 (read as Windows-1252, as browsers do)"`
}

// The encodings that a table may have.
const (
	encodingUTF8   = "utf-8"
	encodingLatin1 = "latin1"
)

// maxRow is the most bytes of one row that are read: they decide the memory.
const maxRow = 1 << 20

func newCSV() Assertion { return &CSV{Separator: ",", Encoding: encodingUTF8} }

// Validate checks the settings.
func (c *CSV) Validate() error {
	var faults []error
	fault := func(text string) { faults = append(faults, errors.New(text)) }
	if len(c.Columns) == 0 && c.RowsMin == 0 && c.RowsMax == 0 {
		fault("columns: required, or rows_min or rows_max instead")
	}
	if slices.Contains(c.Columns, "") {
		fault("columns: a name must not be empty")
	}
	if c.RowsMin < 0 {
		fault("rows_min: must not be negative")
	}
	if c.RowsMax < 0 {
		fault("rows_max: must not be negative")
	} else if c.RowsMax != 0 && c.RowsMax < c.RowsMin {
		fault("rows_max: less than rows_min")
	}
	if _, ok := c.comma(); !ok {
		fault("separator: want one character such as ; or the word tab")
	}
	if c.Encoding != "" && c.Encoding != encodingUTF8 && c.Encoding != encodingLatin1 {
		fault("encoding: want utf-8 or latin1")
	}
	return errors.Join(faults...)
}

// comma returns the character between two fields.
func (c *CSV) comma() (r rune, ok bool) {
	switch c.Separator {
	case "":
		return ',', true
	case "tab":
		return '\t', true
	}
	r, size := utf8.DecodeRuneInString(c.Separator)
	return r, size == len(c.Separator) && r != utf8.RuneError && !strings.ContainsRune("\"\r\n\x00", r)
}

// Check implements [Assertion].
func (c *CSV) Check(o *Observation) error {
	comma, ok := c.comma()
	if !ok {
		return undecided{errors.New("csv: the separator is not one character")}
	}
	text := &allowance{from: c.decoded(o.Body), left: maxRow}
	table := csv.NewReader(text)
	table.Comma, table.ReuseRecord = comma, true
	header, err := c.row(table, text)
	if err == io.EOF {
		return errors.New("csv: the body is empty")
	} else if err != nil {
		return err
	}
	if missing := c.missing(header); len(missing) > 0 {
		return fmt.Errorf("csv: no column %s; found: %s", strings.Join(missing, ", "), show(strings.Join(header, ", ")))
	}
	rows := 0
	for {
		if _, err = c.row(table, text); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		rows++
	}
	if rows < c.RowsMin || c.RowsMax != 0 && rows > c.RowsMax {
		return fmt.Errorf("csv: %s, expected %s", plural(rows, "row"), c.wantedRows())
	}
	return nil
}

// decoded returns the body as UTF-8.
func (c *CSV) decoded(body []byte) io.Reader {
	if c.Encoding == encodingLatin1 {
		return charmap.Windows1252.NewDecoder().Reader(bytes.NewReader(body))
	}
	return bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
}

// row reads one row, which is valid until the next is read.
func (c *CSV) row(table *csv.Reader, text *allowance) ([]string, error) {
	text.left = maxRow
	fields, err := table.Read()
	if err == io.EOF {
		return nil, err
	}
	if errors.Is(err, errLongRow) {
		return nil, undecided{fmt.Errorf("csv: %w", errLongRow)}
	}
	if fault, ok := errors.AsType[*csv.ParseError](err); ok {
		return nil, fmt.Errorf("csv: line %d: %w", fault.Line, fault.Err)
	} else if err != nil {
		return nil, fmt.Errorf("csv: %w", err)
	}
	for i, field := range fields {
		if !utf8.ValidString(field) {
			line, _ := table.FieldPos(i)
			return nil, fmt.Errorf("csv: line %d: not UTF-8", line)
		}
	}
	return fields, nil
}

// missing returns the names that the header lacks, quoted.
func (c *CSV) missing(header []string) (names []string) {
	for _, name := range c.Columns {
		if !slices.Contains(header, name) {
			names = append(names, strconv.Quote(name))
		}
	}
	return names
}

// String implements [Assertion].
func (c *CSV) String() string {
	var parts []string
	if len(c.Columns) > 0 {
		parts = append(parts, "columns "+strings.Join(c.Columns, ", "))
	}
	if c.RowsMin > 0 || c.RowsMax > 0 {
		parts = append(parts, c.wantedRows())
	}
	return "csv has " + strings.Join(parts, " and ")
}

func (c *CSV) wantedRows() string {
	switch {
	case c.RowsMax == 0:
		return "at least " + plural(c.RowsMin, "row")
	case c.RowsMin == 0:
		return "at most " + plural(c.RowsMax, "row")
	}
	return fmt.Sprintf("%d to %d rows", c.RowsMin, c.RowsMax)
}

var errLongRow = errors.New("a row is longer than the 1 MiB that we read")

// allowance reads at most left bytes, and fails where there are more.
type allowance struct {
	from io.Reader
	left int
}

func (a *allowance) Read(p []byte) (int, error) {
	if a.left == 0 {
		if n, err := a.from.Read(p[:min(1, len(p))]); n == 0 {
			return 0, err
		}
		return 0, errLongRow
	}
	n, err := a.from.Read(p[:min(a.left, len(p))])
	a.left -= n
	return n, err
}
