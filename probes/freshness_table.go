package probes

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// separators are tried in this order where none is set.
const separators = ";,|\t"

func (c *CSVColumn) validate() error {
	var faults []error
	if c.Column == "" {
		faults = append(faults, errors.New("column: required"))
	}
	if s, n := utf8.DecodeRuneInString(c.Separator); c.Separator != "" && (n != len(c.Separator) || !validSeparator(s)) {
		faults = append(faults, fmt.Errorf("separator: %q: want one character, and no quote", c.Separator))
	}
	return errors.Join(faults...)
}

func validSeparator(r rune) bool {
	return r != 0 && r != '"' && r != '\r' && r != '\n' && r != utf8.RuneError && utf8.ValidRune(r)
}

// values hands the cells of the column to take, row by row. Rows too short to
// have one are passed over.
func (c *CSVColumn) values(body []byte, take func(any) bool) error {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	rows, at, err := c.open(body)
	if err != nil {
		return err
	}
	for {
		row, err := rows.Read()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("the body is not CSV: %w", err)
		case at < len(row) && !take(strings.TrimSpace(row[at])):
			return nil
		}
	}
}

// open reads the first row, and returns the reader of the others and the place
// of the column in them.
func (c *CSVColumn) open(body []byte) (*csv.Reader, int, error) {
	try := separators
	if c.Separator != "" {
		try = c.Separator
	}
	var seen []string
	for _, separator := range try {
		rows := csv.NewReader(bytes.NewReader(body))
		rows.Comma, rows.FieldsPerRecord, rows.LazyQuotes, rows.ReuseRecord = separator, -1, true, true
		names, err := rows.Read()
		if err == io.EOF {
			return nil, 0, errors.New("the body is not CSV: it is empty")
		}
		if err != nil {
			return nil, 0, fmt.Errorf("the body is not CSV: %w", err)
		}
		for i, name := range names {
			names[i] = strings.TrimSpace(utf8Text(name))
		}
		if at := slices.Index(names, c.Column); at >= 0 {
			return rows, at, nil
		}
		if len(names) > len(seen) {
			seen = slices.Clone(names)
		}
	}
	return nil, 0, fmt.Errorf("no column %q among %s", c.Column, shorten(strings.Join(seen, ", "), maxShown))
}

// utf8Text returns a text that is not UTF-8 as what it then most often is in
// France: ISO 8859-1.
func utf8Text(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	runes := make([]rune, len(text))
	for i := range len(text) {
		runes[i] = rune(text[i])
	}
	return string(runes)
}
