-- Why people leave, where they said so afterwards: counts alone, by month and topic, and nobody they could belong to.
create table opt_out_reason (
    workspace_id int not null references workspace,
    month date not null check (extract(day from month) = 1),
    topic_id int not null,                                 -- of the mail that was answered; 0: of none
    reason text not null check (reason in ('too_often', 'not_useful', 'no_memory', 'enough_elsewhere', 'other')),
    count int not null check (count > 0),
    primary key (workspace_id, month, topic_id, reason)
);
select shodaku_guard('opt_out_reason');

create table opt_out_question (                            -- questions that were answered, by a number drawn for each: pressed twice counts once
    workspace_id int not null references workspace,
    number uuid not null, answered_at timestamptz not null,
    primary key (workspace_id, number)
);
select shodaku_guard('opt_out_question');
create index opt_out_question_old on opt_out_question (workspace_id, answered_at);
