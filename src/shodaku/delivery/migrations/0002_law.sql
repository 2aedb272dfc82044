-- By which rules the gate decides in a workspace, what its senders have switched on, and what each result rested on.
create table rule_choice (
    workspace_id int not null references workspace,
    pack text not null,                                    -- version of the rule pack
    tightened jsonb not null default '{}',                 -- stricter values of its own
    home_country text check (home_country ~ '^[A-Z]{2}$'), -- where people live whose country is not known; null: the strictest rules hold for them
    chosen_at timestamptz not null, entry_id bigint not null,
    primary key (workspace_id)
);
select shodaku_guard('rule_choice');

create table exemption (                                   -- LAW.md section 3: all off, until somebody turns one on and says why
    workspace_id int not null references workspace, sender_id int not null, name text not null,
    since timestamptz not null, entry_id bigint not null,
    primary key (workspace_id, sender_id, name),
    foreign key (workspace_id, sender_id) references sender
);
select shodaku_guard('exemption');

create table complaint_level (                             -- spam reports of a topic per accepted mail, and whether somebody let it go on
    workspace_id int not null references workspace, topic_id int not null,
    rate real not null check (rate between 0 and 1), measured_at timestamptz not null,
    released_at timestamptz, released_entry_id bigint,
    primary key (workspace_id, topic_id),
    foreign key (workspace_id, topic_id) references topic
);
select shodaku_guard('complaint_level');

create table mail_domain (                                 -- what DNS says about a sending domain, when somebody last looked
    workspace_id int not null references workspace, name text not null,
    dmarc text not null check (dmarc in ('aligned', 'none')), checked_at timestamptz not null,
    primary key (workspace_id, name)
);
select shodaku_guard('mail_domain');

alter table mailing
    add column purpose text,                               -- null: the purpose of its topic
    add column about text not null default 'own' check (about in ('own', 'own_similar', 'other_business', 'ad_space', 'no_business')),
    add column first_issue boolean not null default false,
    add column is_reply boolean,                           -- answers a message of the person; null: as its class tells
    add column paid_content boolean not null default false, -- reads like somebody's own opinion, and is paid for (景品表示法5条3号)
    add column open_pixel boolean not null default false,
    add column subject_without_ads text, add column text_without_ads text, add column html_without_ads text;

alter table delivery
    add column pack text,                                  -- version of the rules, with + where the workspace is stricter
    add column facts bigint;                               -- digest of what the gate read about the person
