-- What came back: bounces and complaints by person, appended and never changed; and messages that wait for a human.
create table feedback (
    workspace_id int not null, contact_id bigint not null,
    feedback_no bigint not null generated always as identity,
    kind text not null check (kind in ('hard', 'soft', 'complaint', 'other')),
    status text not null,                                  -- enhanced status code, or the type of a complaint
    mailing_id int not null,                               -- 0: the token names none
    at timestamptz not null,
    primary key (workspace_id, contact_id, feedback_no),
    foreign key (workspace_id, contact_id) references contact
);
select shodaku_guard('feedback');
select shodaku_personal('feedback', 'kind', 'status', 'at');
revoke update, delete, truncate on feedback from shodaku_app;
create index feedback_complaint on feedback (workspace_id, mailing_id) where kind = 'complaint';

create function erase_feedback(erased_workspace int, erased_contact bigint) returns bigint
language sql security definer set search_path = public, pg_temp as $$
    with gone as (delete from feedback where workspace_id = erased_workspace and contact_id = erased_contact returning 1)
    select count(*) from gone
$$;
revoke all on function erase_feedback(int, bigint) from public;
grant execute on function erase_feedback(int, bigint) to shodaku_app;

create table inbound_message (
    workspace_id int not null references workspace,
    message_no bigint not null generated always as identity,
    contact_id bigint,                                     -- null: from somebody who is not known here, of whom nothing is kept
    via text not null check (via in ('mail', 'sms', 'telephone', 'report')),
    event_id uuid not null,
    entry_id bigint,                                       -- its words, sealed for the person; null while they wait for the vault
    received_at timestamptz not null, answered_at timestamptz,
    primary key (workspace_id, message_no),
    unique (workspace_id, event_id),
    foreign key (workspace_id, contact_id) references contact
);
select shodaku_guard('inbound_message');
select shodaku_personal('inbound_message', 'via', 'received_at', 'answered_at');
revoke update, truncate on inbound_message from shodaku_app;
grant update (entry_id, answered_at) on inbound_message to shodaku_app;
create index inbound_message_open on inbound_message (workspace_id, message_no) where answered_at is null;
