package sqlite

import (
	"cmp"
	"database/sql"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"observatoire/storage"
)

// The statements of each table of rollups.
const (
	selectFive = `SELECT figures FROM rollup_five WHERE start = ? AND series = ?`
	selectHour = `SELECT figures FROM rollup_hour WHERE start = ? AND series = ?`
	selectDay  = `SELECT figures FROM rollup_day WHERE start = ? AND series = ?`

	upsertFive = `INSERT INTO rollup_five (start, series, figures) VALUES (?, ?, ?)
  ON CONFLICT (start, series) DO UPDATE SET figures = excluded.figures`
	upsertHour = `INSERT INTO rollup_hour (start, series, figures) VALUES (?, ?, ?)
  ON CONFLICT (start, series) DO UPDATE SET figures = excluded.figures`
	upsertDay = `INSERT INTO rollup_day (start, series, figures) VALUES (?, ?, ?)
  ON CONFLICT (start, series) DO UPDATE SET figures = excluded.figures`
)

// flush writes the rollups of all that pends, the transaction's own included,
// and moves the watermark past it.
func (t *change) flush() error {
	all := slices.Concat(t.db.pending, t.fresh)
	if err := t.fold(all); err != nil {
		return err
	}
	for _, s := range all {
		t.watermark = max(t.watermark, s.time+1)
	}
	t.flushed = true
	return nil
}

// fold adds results to the stored rollups. It sorts them.
func (t *change) fold(samples []sample) error {
	slices.SortFunc(samples, func(a, b sample) int {
		return cmp.Or(cmp.Compare(a.series, b.series), cmp.Compare(a.time, b.time))
	})
	if len(samples) == 0 {
		return nil
	}
	f := folder{change: t, statements: map[string]*sql.Stmt{}}
	for group := range runs(samples, func(s sample) int64 { return s.series }) {
		for hour := range runs(group, starts(storage.Hour, t.db.zone)) {
			if err := f.hour(hour); err != nil {
				return err
			}
		}
		for day := range runs(group, starts(storage.Day, t.db.zone)) {
			f.sum(day)
			start := millis(storage.Day.Start(instant(day[0].time), t.db.zone))
			if err := f.save(selectDay, upsertDay, start, day[0].series); err != nil {
				return err
			}
		}
	}
	return nil
}

// runs yields the longest runs of samples that have the same key.
func runs(samples []sample, key func(sample) int64) func(yield func([]sample) bool) {
	return func(yield func([]sample) bool) {
		for len(samples) > 0 {
			first, n := key(samples[0]), 1
			for n < len(samples) && key(samples[n]) == first {
				n++
			}
			if !yield(samples[:n]) {
				return
			}
			samples = samples[n:]
		}
	}
}

// folder adds results to stored rollups; its memory serves one after the other.
type folder struct {
	*change
	rollup, old storage.Rollup
	figures     []byte
	pieces      pieces
	statements  map[string]*sql.Stmt
}

// starts returns the function that gives the start of the rollup that a sample
// is in, in milliseconds. It remembers the last span, as calendars are slow.
func starts(r storage.Resolution, zone *time.Location) func(sample) int64 {
	var from, to int64
	return func(s sample) int64 {
		if s.time < from || s.time >= to {
			start := r.Start(instant(s.time), zone)
			from, to = millis(start), millis(r.End(start, zone))
		}
		return from
	}
}

func (f *folder) sum(samples []sample) {
	f.rollup.Reset()
	for i := range samples {
		f.rollup.Add(samples[i].result())
	}
}

// hour adds one hour's results of one series.
func (f *folder) hour(samples []sample) error {
	start, id := millis(storage.Hour.Start(instant(samples[0].time), f.db.zone)), samples[0].series
	stored, err := f.stored(selectFive, start, id)
	if err != nil {
		return err
	}
	if err := f.pieces.split(stored); err != nil {
		return err
	}
	for five := range runs(samples, starts(storage.FiveMinutes, f.db.zone)) {
		f.sum(five)
		piece := &f.pieces[(five[0].time-start)/fiveMinutes]
		if *piece != nil {
			if err := f.merge(*piece); err != nil {
				return err
			}
		}
		*piece = f.rollup.AppendFigures(nil)
	}
	if err := f.put(upsertFive, start, id, f.pieces.join()); err != nil {
		return err
	}
	f.sum(samples)
	return f.save(selectHour, upsertHour, start, id)
}

// save adds the rollup to the stored one.
func (f *folder) save(query, upsert string, start, id int64) error {
	stored, err := f.stored(query, start, id)
	if err != nil {
		return err
	}
	if stored != nil {
		if err := f.merge(stored); err != nil {
			return err
		}
	}
	f.figures = f.rollup.AppendFigures(f.figures[:0])
	return f.put(upsert, start, id, f.figures)
}

func (f *folder) put(upsert string, start, id int64, figures []byte) error {
	statement, err := f.prepared(upsert)
	if err != nil {
		return err
	}
	_, err = statement.Exec(start, id, figures)
	return err
}

// prepared returns a statement that is prepared once for all rollups.
func (f *folder) prepared(query string) (*sql.Stmt, error) {
	statement := f.statements[query]
	if statement == nil {
		var err error
		if statement, err = f.Prepare(query); err != nil {
			return nil, err
		}
		f.statements[query] = statement // the transaction closes it
	}
	return statement, nil
}

func (f *folder) merge(figures []byte) error {
	if err := f.old.DecodeFigures(figures); err != nil {
		return err
	}
	f.rollup.Merge(f.old)
	return nil
}

// stored returns the figures that are stored, or nil. Nothing is at or after the
// watermark but what this transaction wrote, and it writes no rollup twice.
func (f *folder) stored(query string, start, id int64) (figures []byte, err error) {
	if start >= f.db.watermark {
		return nil, nil
	}
	statement, err := f.prepared(query)
	if err != nil {
		return nil, err
	}
	err = statement.QueryRow(start, id).Scan(&figures)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return figures, err
}

const fiveMinutes = int64(5 * time.Minute / time.Millisecond)

// pieces are the figures of the twelve rollups of five minutes of an hour, nil
// where there is none.
type pieces [12][]byte

var errPieces = errors.New("the rollups of five minutes of an hour are damaged")

// split sets the pieces to what join returned.
func (p *pieces) split(joined []byte) error {
	*p = pieces{}
	for len(joined) > 0 {
		i := joined[0]
		length, n := binary.Uvarint(joined[1:])
		joined = joined[1+max(0, n):]
		if int(i) >= len(p) || n <= 0 || length > uint64(len(joined)) || p[i] != nil {
			return errPieces
		}
		p[i] = joined[:length:length]
		joined = joined[length:]
	}
	return nil
}

// join returns the pieces in one.
func (p *pieces) join() []byte {
	var joined []byte
	for i, figures := range p {
		if figures != nil {
			joined = append(joined, byte(i))
			joined = binary.AppendUvarint(joined, uint64(len(figures)))
			joined = append(joined, figures...)
		}
	}
	return joined
}
