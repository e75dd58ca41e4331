-- Where a dropped file is, once files are kept elsewhere; NULL while they are kept where they were.
ALTER TABLE _larder_dropped_files ADD COLUMN place TEXT;
