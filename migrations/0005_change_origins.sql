-- The number of the last change before the write that a deletion is a part of, if that is not the change just before it: what
-- went together is judged as of then. NULL but for deletions.
ALTER TABLE _larder_changes ADD COLUMN since INTEGER;

-- Of earlier deletions nobody knows what went with them: it may have been anything.
UPDATE _larder_changes SET since = 0 WHERE action = 'delete';

-- Finds the deletions of a collection after a change; `seq` is part of every index entry.
CREATE INDEX _larder_changes_deletions_in_order ON _larder_changes (collection) WHERE action = 'delete';
