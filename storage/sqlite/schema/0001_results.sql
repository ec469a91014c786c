-- Times are milliseconds since 1970-01-01 UTC, durations of phases microseconds.

-- One row. Days of rollups begin at the midnights of zone. Stored rollups sum up
-- exactly the results before watermark; later ones are added to them at the next
-- occasion, and after a kill they are read again from result. Results before
-- pruned may have been deleted.
CREATE TABLE state (
  id        INTEGER PRIMARY KEY CHECK (id = 1),
  zone      TEXT    NOT NULL,
  watermark INTEGER NOT NULL,
  pruned    INTEGER NOT NULL
) STRICT;

-- A probe from one vantage point.
CREATE TABLE series (
  id      INTEGER PRIMARY KEY,
  probe   TEXT NOT NULL,
  vantage TEXT NOT NULL,
  UNIQUE (probe, vantage)
) STRICT;
CREATE INDEX series_by_vantage ON series (vantage);

-- The details of failures, once each. No result after last has this one.
CREATE TABLE text (
  id   INTEGER PRIMARY KEY,
  text TEXT    NOT NULL UNIQUE,
  last INTEGER NOT NULL
) STRICT;
CREATE INDEX text_by_last ON text (last);

-- Clustered by time, so that a batch goes to the end of the table: six times
-- quicker than clustered by series. Series are read from rollups.
CREATE TABLE result (
  time        INTEGER NOT NULL,
  series      INTEGER NOT NULL, -- series.id; not a foreign key: it would cost each row a look-up, and series are never deleted
  period      INTEGER NOT NULL, -- milliseconds
  outcome     INTEGER NOT NULL,
  class       INTEGER NOT NULL,
  maintenance INTEGER NOT NULL,
  detail      INTEGER,          -- text.id
  redirect    INTEGER NOT NULL,
  dns         INTEGER NOT NULL,
  connect     INTEGER NOT NULL,
  tls         INTEGER NOT NULL,
  wait        INTEGER NOT NULL,
  transfer    INTEGER NOT NULL,
  status      INTEGER NOT NULL,
  size        INTEGER NOT NULL, -- bytes
  data_time   INTEGER,
  not_after   INTEGER,          -- seconds since 1970-01-01 UTC
  PRIMARY KEY (time, series)
) STRICT, WITHOUT ROWID;
