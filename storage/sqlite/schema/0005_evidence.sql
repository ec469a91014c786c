-- What was seen of some failures: probes.Evidence as JSON. Of a row of like
-- failures of a series there are at most three: the first two and the latest.
CREATE TABLE evidence (
  series   INTEGER NOT NULL REFERENCES series (id),
  time     INTEGER NOT NULL, -- that of a row of result, and pruned with it
  evidence TEXT    NOT NULL,
  PRIMARY KEY (series, time)
) STRICT;
CREATE INDEX evidence_by_time ON evidence (time, series);

-- What an incident looks like beside an outage: 'dead', 'moved' or nothing.
ALTER TABLE incident ADD COLUMN hint TEXT NOT NULL DEFAULT '';
