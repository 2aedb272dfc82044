-- What other rules would change for whom, looked at before anybody chooses them. One a workspace, the newest; numbers alone, and it changes no rule.
create table rule_simulation (
    workspace_id int not null references workspace,
    number int not null default 1,                         -- of the question: another one takes the place of the one before
    state text not null check (state in ('waiting', 'running', 'done')),
    run int not null default 0,                            -- counts beginnings: who looks under an older one has lost it
    pack text not null, tightened jsonb not null, home_country text,  -- the rules that were asked about
    rules_sha256 text not null default '',                 -- those in force when it looked; others: it begins from nothing
    after_contact bigint not null default 0,               -- up to whom it has looked: interrupted, it goes on behind
    contacts bigint not null default 0,                    -- of the workspace when it began
    looked_at bigint not null default 0,                   -- contacts, of these
    people bigint not null default 0,                      -- of them who agreed to a topic, or of whom something else is known that may stand in
    held_more bigint not null default 0,                   -- people who would not get some topic that they get now
    held_fewer bigint not null default 0,                  -- people who would get some topic that they do not get now
    topics jsonb not null default '[]',                    -- of each: topic_id, before and after (people who may receive it), answers: [reason, reason under the other rules, people]
    topics_left_out int not null default 0,
    at timestamptz not null,                               -- of which moment it speaks
    primary key (workspace_id)
);
select shodaku_guard('rule_simulation');
