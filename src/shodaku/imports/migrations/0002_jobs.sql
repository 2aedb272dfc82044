-- An import may be left: what was declared for it, how far it is, and what was found, so that a killed one goes on where it was.
-- Before: rows of states 'running', 'done', 'failed', made whole by one request. They stay as they are.
alter table import_batch
    drop constraint import_batch_state_check,
    add constraint import_batch_state_check check (state in ('draft', 'checking', 'checked', 'running', 'paused', 'done', 'failed')),
    add column wording text not null default '',
    add column confirmed boolean not null default false,
    add column relation text not null default '' check (relation in ('', 'active', 'ended')),
    add column provision text not null default '',          -- of a third party's list: when, by whom and how it was handed over
    add column named_sender text not null default '',       -- and whom the people were told it would be handed to
    add column purchased boolean not null default false,
    add column country text check (country ~ '^[A-Z]{2}$'), -- where these people live, as declared
    add column columns jsonb,                               -- field -> index; null: as the headings say
    add column rows_total int, add column rows_done int not null default 0,
    add column line_done int not null default 0,            -- last row of the last portion that was committed
    add column portions int not null default 0,             -- how many were committed; the next one may only follow this number
    add column findings jsonb,                              -- of the check: counts and codes by row number, nothing of a person
    add column moved_at timestamptz, add column moved_rows int not null default 0,  -- since when it has run without a break, and from where
    add column started_at timestamptz, add column fault text;
alter table import_row add column warnings text[] not null default '{}';
create index import_row_to_look_at on import_row (workspace_id, batch_id, line) where verdict in ('faulty', 'duplicate') or warnings <> '{}';
create index import_batch_file on import_batch (workspace_id, file_sha256);
