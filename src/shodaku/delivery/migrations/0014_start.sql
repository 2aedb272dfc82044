-- A mailing may be launched before its time: its people are chosen then, and each is asked about once more when it starts.
alter table mailing add column starts_at timestamptz;     -- nothing of it leaves before; null: at once
