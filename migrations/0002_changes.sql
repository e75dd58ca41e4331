-- The change feed: one row for every written record, in commit order. `seq` never repeats, so a consumer that was away
-- knows where to go on. `collection` and `record` are ids; `action` is 'create', 'update' or 'delete'.
CREATE TABLE _larder_changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  collection TEXT NOT NULL,
  record TEXT NOT NULL,
  action TEXT NOT NULL
);
