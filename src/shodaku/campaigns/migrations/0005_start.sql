-- When a campaign is meant to start; null: as soon as somebody sends it.
alter table campaign add column starts_at timestamptz;
