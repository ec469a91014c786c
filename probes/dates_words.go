package probes

import (
	"strings"
	"time"
)

// monthNames are the names of months in French and English, and their short forms,
// by the short form that package time reads.
var monthNames = map[string]string{
	"january": "Jan", "jan": "Jan", "janvier": "Jan", "janv": "Jan",
	"february": "Feb", "feb": "Feb", "février": "Feb", "fevrier": "Feb", "févr": "Feb", "fevr": "Feb", "fév": "Feb",
	"march": "Mar", "mar": "Mar", "mars": "Mar",
	"april": "Apr", "apr": "Apr", "avril": "Apr", "avr": "Apr",
	"may": "May", "mai": "May",
	"june": "Jun", "jun": "Jun", "juin": "Jun",
	"july": "Jul", "jul": "Jul", "juillet": "Jul", "juil": "Jul",
	"august": "Aug", "aug": "Aug", "août": "Aug", "aout": "Aug",
	"september": "Sep", "sep": "Sep", "sept": "Sep", "septembre": "Sep",
	"october": "Oct", "oct": "Oct", "octobre": "Oct",
	"november": "Nov", "nov": "Nov", "novembre": "Nov",
	"december": "Dec", "dec": "Dec", "décembre": "Dec", "decembre": "Dec", "déc": "Dec",
}

// weekdayNames may come first, and say nothing that the rest does not.
var weekdayNames = map[string]bool{
	"mon": true, "tue": true, "wed": true, "thu": true, "fri": true, "sat": true, "sun": true,
	"monday": true, "tuesday": true, "wednesday": true, "thursday": true, "friday": true, "saturday": true, "sunday": true,
	"lun": true, "mar": true, "mer": true, "jeu": true, "ven": true, "sam": true, "dim": true,
	"lundi": true, "mardi": true, "mercredi": true, "jeudi": true, "vendredi": true, "samedi": true, "dimanche": true,
}

// dateWords returns the text with one space between its words, without the day of
// the week, its months as package time reads them and the time as 10:20.
func dateWords(text string) string {
	fields := strings.Fields(text)
	kept := fields[:0]
	for i, word := range fields {
		name := strings.ToLower(strings.Trim(word, ",."))
		month, isMonth := monthNames[name]
		switch {
		case i == 0 && weekdayNames[name] && len(fields) > 1, i > 0 && (name == "à" || name == "at"):
			continue
		case isMonth:
			word = month
		case name == "1er":
			word = "1"
		default:
			word = colon(word)
		}
		kept = append(kept, word)
	}
	return strings.Join(kept, " ")
}

// colon returns a time written 10h20 as 10:20, anything else as it is.
func colon(word string) string {
	hour, minute, ok := strings.Cut(word, "h")
	if ok && (isDigits(hour, 1) || isDigits(hour, 2)) && isDigits(minute, 2) {
		return hour + ":" + minute
	}
	return word
}

func isDigits(text string, n int) bool {
	return len(text) == n && strings.Trim(text, "0123456789") == ""
}

// zoneNames are hours ahead of UTC: the names of RFC 822 and those of France.
// No others are read, since most have several meanings.
var zoneNames = map[string]int{
	"UTC": 0, "GMT": 0, "UT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2,
	"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}

// cutZone returns the text without the zone at its end, and the zone; nil where
// there is none. A name that Java puts behind an offset, such as
// [Europe/Paris], is left aside.
func cutZone(text string) (string, *time.Location) {
	if open := strings.IndexByte(text, '['); open > 0 && strings.HasSuffix(text, "]") {
		text = text[:open]
	}
	if rest, name, ok := cutLast(text, " "); ok {
		if hours, known := zoneNames[name]; known {
			return rest, fixedZone(hours * 3600)
		}
	}
	if rest, ok := strings.CutSuffix(strings.ToUpper(text[max(0, len(text)-2):]), "Z"); ok && isDigits(rest, 1) {
		return text[:len(text)-1], time.UTC
	}
	at := strings.LastIndexAny(text, "+-")
	if at < len("2006-01-") { // a sign before that parts days from months
		return text, nil
	}
	seconds, ok := zoneOffset(text[at:], strings.ContainsAny(text[:at], "T:"))
	if !ok {
		return text, nil
	}
	return strings.TrimRight(text[:at], " "), fixedZone(seconds)
}

func cutLast(text, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(text, separator); i >= 0 {
		return text[:i], text[i+len(separator):], true
	}
	return text, "", false
}

// zoneOffset reads +02:00 and, behind a time, +0200 and +02, in seconds.
func zoneOffset(text string, timed bool) (int, bool) {
	sign, digits := 1, text[1:]
	if text[0] == '-' {
		sign = -1
	}
	hours, minutes := digits, "00"
	switch {
	case len(digits) == 5 && digits[2] == ':':
		hours, minutes = digits[:2], digits[3:]
	case len(digits) == 4 && timed:
		hours, minutes = digits[:2], digits[2:]
	case len(digits) != 2 || !timed:
		return 0, false
	}
	if !isDigits(hours, 2) || !isDigits(minutes, 2) {
		return 0, false
	}
	h, m := int(hours[0]-'0')*10+int(hours[1]-'0'), int(minutes[0]-'0')*10+int(minutes[1]-'0')
	return sign * (h*3600 + m*60), h < 24 && m < 60
}

func fixedZone(seconds int) *time.Location {
	if seconds == 0 {
		return time.UTC
	}
	return time.FixedZone("", seconds)
}
