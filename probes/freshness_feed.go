package probes

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"
)

// feedItems are the names of an item by the root element of the feed, and
// feedTimes those of its dates.
var (
	feedItems = map[string]string{"rss": "item", "RDF": "item", "feed": "entry"}
	feedTimes = map[string]bool{"pubDate": true, "date": true, "updated": true, "published": true, "modified": true, "issued": true}
)

// feedDates hands the dates of the items of a feed to take: RSS 2.0, RSS 1.0
// (RDF) and Atom. It makes no tree.
func feedDates(body []byte, take func(any) bool) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader, d.Strict, d.Entity = charset.NewReaderLabel, false, xml.HTMLEntity
	var item string // the name of an item, once the root is known
	depth, inside := 0, 0
	var text []byte
	items, dated, reading := 0, 0, false
	for {
		token, err := d.Token()
		if err == io.EOF {
			return feedEnd(item, items, dated)
		}
		if err != nil {
			return fmt.Errorf("the body is not a feed: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			switch known := ""; {
			case depth == 1:
				if known = feedItems[t.Name.Local]; known == "" {
					return fmt.Errorf("the body is not a feed: its root is %s", shorten(t.Name.Local, maxShown))
				}
				item = known
			case inside == 0 && t.Name.Local == item:
				inside = depth
				items++
			}
			reading = inside > 0 && depth == inside+1 && feedTimes[t.Name.Local]
			text = text[:0]
		case xml.CharData:
			if reading && len(text) <= maxDate*4 {
				text = append(text, t...)
			}
		case xml.EndElement:
			if reading {
				dated++
				if !take(strings.TrimSpace(string(text))) {
					return nil
				}
			}
			reading = false
			if depth == inside {
				inside = 0
			}
			depth--
		}
	}
}

func feedEnd(item string, items, dated int) error {
	switch {
	case item == "":
		return errors.New("the body is not a feed: it has no element")
	case items == 0:
		return errors.New("the feed has no item")
	case dated == 0:
		return errors.New("no item of the feed has a date")
	}
	return nil
}
