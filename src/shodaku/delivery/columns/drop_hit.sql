-- The copy ends: nothing of it stays.
DROP TABLE IF EXISTS hit SYNC
