-- The last state of each alert; alert is its JSON form.
CREATE TABLE alert (
  key     TEXT    PRIMARY KEY,
  state   TEXT    NOT NULL,
  start   INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  alert   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_by_state ON alert (state, changed);

-- One alert on its way to one channel. The same state of the same alert goes to
-- a channel once, however often it is applied.
CREATE TABLE delivery (
  id       INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice: receivers know deliveries by it
  channel  TEXT    NOT NULL,
  key      TEXT    NOT NULL,
  state    TEXT    NOT NULL,
  start    INTEGER NOT NULL,
  alert    TEXT    NOT NULL,
  attempts INTEGER NOT NULL,
  next     INTEGER NOT NULL, -- 0: at once
  status   INTEGER NOT NULL,
  error    TEXT    NOT NULL,
  settled  INTEGER,          -- when it was delivered or given up
  UNIQUE (channel, key, state, start)
) STRICT;
CREATE INDEX delivery_waiting ON delivery (channel, id) WHERE status = 0;
CREATE INDEX delivery_settled ON delivery (settled) WHERE settled IS NOT NULL;
