package probes_test

import (
	"strings"
	"testing"

	"observatoire/probes"
)

func TestCSV(t *testing.T) {
	const table = "\xef\xbb\xbfid;nom;\"code postal\"\r\n1;Nantes;44000\r\n2;\"L'Haÿ; \"\"les\"\" Roses\nsuite\";94240\r\n"
	for name, test := range map[string]struct {
		table probes.CSV
		body  string
		text  string
		fault string
	}{
		"columns":      {probes.CSV{Columns: []string{"code postal", "id"}, Separator: ";"}, table, "csv has columns code postal, id", ""},
		"missing":      {probes.CSV{Columns: []string{"Id", "nom", "x"}, Separator: ";"}, table, "csv has columns Id, nom, x", `csv: no column "Id", "x"; found: "id, nom, code postal"`},
		"separator":    {probes.CSV{Columns: []string{"nom"}, Separator: ","}, "id;nom\n", "csv has columns nom", `no column "nom"; found: "id;nom"`},
		"default":      {probes.CSV{Columns: []string{"nom"}}, "id,nom\n", "csv has columns nom", ""},
		"tab":          {probes.CSV{Columns: []string{"nom"}, Separator: "tab"}, "id\tnom\n1\t2", "csv has columns nom", ""},
		"rows":         {probes.CSV{RowsMin: 2, RowsMax: 2, Separator: ";"}, table, "csv has 2 to 2 rows", ""},
		"too few":      {probes.CSV{RowsMin: 3, Separator: ";"}, table, "csv has at least 3 rows", "csv: 2 rows, expected at least 3 rows"},
		"too many":     {probes.CSV{RowsMax: 1, Separator: ";"}, table, "csv has at most 1 row", "csv: 2 rows, expected at most 1 row"},
		"both":         {probes.CSV{Columns: []string{"a"}, RowsMin: 1}, "a\n1\n", "csv has columns a and at least 1 row", ""},
		"header alone": {probes.CSV{Columns: []string{"a"}, RowsMin: 1}, "a\n", "csv has columns a and at least 1 row", "csv: 0 rows, expected at least 1 row"},
		"empty":        {probes.CSV{RowsMax: 9}, "", "csv has at most 9 rows", "csv: the body is empty"},
		"only a mark":  {probes.CSV{RowsMax: 9}, "\xef\xbb\xbf", "csv has at most 9 rows", "csv: the body is empty"},
		"latin1":       {probes.CSV{Columns: []string{"été", "€"}, Encoding: "latin1"}, "\xe9t\xe9,\x80\n1,2\n", "csv has columns été, €", ""},
		"not UTF-8":    {probes.CSV{RowsMin: 1}, "a\n1\n\xe9t\xe9\n", "csv has at least 1 row", "csv: line 3: not UTF-8"},
		"fields":       {probes.CSV{RowsMin: 1}, "a,b\n1,2\n1,2,3\n", "csv has at least 1 row", "csv: line 3: wrong number of fields"},
		"quotes":       {probes.CSV{RowsMin: 1}, "a\n1\n\"2\"x\n", "csv has at least 1 row", `csv: line 3: extraneous or missing " in quoted-field`},
		"unclosed":     {probes.CSV{RowsMin: 1}, "a\n1\n\"2\n", "csv has at least 1 row", "csv: line 3: extraneous or missing"},
		"page":         {probes.CSV{Columns: []string{"id"}}, "<html>\n<p class=\"x\">\n", "csv has columns id", `csv: no column "id"`},
	} {
		t.Run(name, func(t *testing.T) {
			c := &test.table
			if err := c.Validate(); err != nil {
				t.Fatalf("Validate: %v", err)
			}
			if got := c.String(); got != test.text {
				t.Errorf("reads %q, want %q", got, test.text)
			}
			switch err := c.Check(&probes.Observation{Body: []byte(test.body)}); {
			case (err != nil) != (test.fault != ""):
				t.Errorf("error %v, want %q", err, test.fault)
			case err != nil && !strings.Contains(err.Error(), test.fault):
				t.Errorf("error %q, want %q in it", err, test.fault)
			}
		})
	}
}

func TestCSVSettingsThatMakeNoSense(t *testing.T) {
	for want, table := range map[string]*probes.CSV{
		"columns: required": {},
		"columns: a name":   {Columns: []string{"a", ""}},
		"rows_min: ":        {Columns: []string{"a"}, RowsMin: -1},
		"rows_max: must":    {Columns: []string{"a"}, RowsMax: -1},
		"rows_max: less":    {RowsMin: 2, RowsMax: 1},
		"separator: ":       {RowsMin: 2, Separator: ";;"},
		"separator: want":   {RowsMin: 2, Separator: `"`},
		"encoding: ":        {RowsMin: 2, Encoding: "utf-16"},
	} {
		if err := table.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// A row is held in memory whole, so that its length is bounded.
func TestCSVBeyondItsBounds(t *testing.T) {
	for name, body := range map[string]string{
		"columns":  strings.Repeat(",", 2<<20),
		"quotes":   "a\n\"" + strings.Repeat("\n", 2<<20) + "\"\n",
		"a column": "a\n" + strings.Repeat("x", 2<<20),
	} {
		t.Run(name, func(t *testing.T) {
			inconclusive(t, &probes.CSV{RowsMin: 1}, body)
		})
	}
	long := "a,b\n" + strings.Repeat(strings.Repeat("x", 1000)+",1\n", 3000) // more than one row may have
	if err := (&probes.CSV{RowsMin: 3000, RowsMax: 3000}).Check(&probes.Observation{Body: []byte(long)}); err != nil {
		t.Error(err)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add("a;b\n1;2\n", ";", true)
	f.Add("\xef\xbb\xbf\"a\",\"b\"\r\n\"1\n\",2", ",", false)
	f.Add("a\tb\n\xff\t\"", "tab", true)
	f.Fuzz(func(t *testing.T, body, separator string, latin bool) {
		c := &probes.CSV{Columns: []string{"a"}, Separator: separator}
		if latin {
			c.Encoding = "latin1"
		}
		if c.Validate() == nil {
			c.Check(&probes.Observation{Body: []byte(body)})
		}
	})
}

func BenchmarkCSV(b *testing.B) {
	c, o := &probes.CSV{Columns: []string{"nom"}, RowsMin: 1}, &probes.Observation{Body: []byte("id,nom\n" + strings.Repeat("44109,Nantes\n", 4000))}
	b.SetBytes(int64(len(o.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Check(o); err != nil {
			b.Fatal(err)
		}
	}
}
