-- What results sum up to. The key leads with the time, as all are read together
-- in its order; the index gives one series. The figures are those of
-- storage.Rollup.AppendFigures.

-- One row holds the rollups of five minutes of one hour: each its number in the
-- hour (0 to 11), its length and its figures. Twelve rows would cost four times
-- the writes.
CREATE TABLE rollup_five (
  start   INTEGER NOT NULL, -- of the hour
  series  INTEGER NOT NULL REFERENCES series (id),
  figures BLOB    NOT NULL,
  PRIMARY KEY (start, series)
) STRICT, WITHOUT ROWID;
CREATE INDEX rollup_five_by_series ON rollup_five (series, start);

CREATE TABLE rollup_hour (
  start   INTEGER NOT NULL,
  series  INTEGER NOT NULL REFERENCES series (id),
  figures BLOB    NOT NULL,
  PRIMARY KEY (start, series)
) STRICT, WITHOUT ROWID;
CREATE INDEX rollup_hour_by_series ON rollup_hour (series, start);

CREATE TABLE rollup_day (
  start   INTEGER NOT NULL, -- midnight in state.zone
  series  INTEGER NOT NULL REFERENCES series (id),
  figures BLOB    NOT NULL,
  PRIMARY KEY (start, series)
) STRICT, WITHOUT ROWID;
CREATE INDEX rollup_day_by_series ON rollup_day (series, start);
