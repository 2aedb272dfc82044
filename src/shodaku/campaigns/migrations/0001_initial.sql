-- Newsletters and direct mail, from draft to result.
create table campaign (
    workspace_id int not null references workspace,
    campaign_id int not null generated always as identity,
    name text not null, topic_id int not null, sender_id int not null, channel text not null default 'email',
    message_class text not null default 'advertising',
    conditions jsonb not null default '[]',                -- segments.domain reads it
    subject text not null default '', text text not null default '', html text not null default '',
    state text not null default 'draft' check (state in ('draft', 'running', 'paused', 'cancelled', 'done')),
    mailing_id int, planned_count int, content_sha256 text,
    created_by int, created_at timestamptz not null, launched_by int, launched_at timestamptz, ended_at timestamptz,
    primary key (workspace_id, campaign_id),
    foreign key (workspace_id, topic_id) references topic,
    foreign key (workspace_id, sender_id) references sender
);
select shodaku_guard('campaign');

create table preflight (                                   -- who gets it and why not the others, counted at one moment
    workspace_id int not null, campaign_id int not null,
    preflight_id bigint not null generated always as identity,
    chosen int not null, sendable int not null, reasons jsonb not null, content_sha256 text not null, at timestamptz not null,
    primary key (workspace_id, campaign_id, preflight_id),
    foreign key (workspace_id, campaign_id) references campaign
);
select shodaku_guard('preflight');
