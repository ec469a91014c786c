CREATE TABLE incident (
  id       INTEGER PRIMARY KEY,
  probe    TEXT    NOT NULL,
  vantage  TEXT    NOT NULL,
  start    INTEGER NOT NULL,
  end      INTEGER,          -- none while it lasts
  class    TEXT    NOT NULL,
  detail   TEXT    NOT NULL,
  failures INTEGER NOT NULL,
  UNIQUE (probe, vantage, start)
) STRICT;
CREATE INDEX incident_by_start ON incident (start);
CREATE INDEX incident_by_end ON incident (end);
