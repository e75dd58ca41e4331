-- Files that no record names any more, written with the change that dropped them: whoever removes files removes them
-- after the commit, also after a crash or while the storage cannot be reached.
CREATE TABLE _larder_dropped_files (
    id INTEGER PRIMARY KEY,
    collection TEXT NOT NULL,
    record TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT;
