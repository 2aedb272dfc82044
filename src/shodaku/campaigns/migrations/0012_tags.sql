-- Words by which staff find their campaigns again; they leave with no mail.
alter table campaign add column tags text[] not null default '{}' check (cardinality(tags) <= 10);
