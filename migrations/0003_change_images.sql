-- What a deleted record held, for those who may have to be told of it: NULL but for deletions. JSON keyed by field id, with
-- values as the table had them and without secrets.
ALTER TABLE _larder_changes ADD COLUMN image TEXT;

-- Finds the deletion of one record; `seq` is part of every index entry.
CREATE INDEX _larder_changes_deletions ON _larder_changes (collection, record) WHERE action = 'delete';
