-- What was found of a sending domain, record by record, and whether DNS has kept silent since.
alter table mail_domain
    add column findings jsonb not null default '[]',       -- [subject, name, what was said] each
    add column unanswered_at timestamptz;                  -- null: the last look was answered
