-- A sender that nothing uses any more is not offered again. What mails said of it, and what people agreed to, stays.
alter table sender add column retired_at timestamptz;
