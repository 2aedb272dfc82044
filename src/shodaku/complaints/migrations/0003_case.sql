-- A case: somebody complains, from the call until it is closed, and how long that took. No address and no words: those are sealed in the
-- ledger under the person's key. As with data_request the database itself takes the person out when the contact goes.
create table complaint_case (
    workspace_id int not null references workspace,
    case_id bigint not null generated always as identity,
    contact_id bigint,                                     -- null: nobody known here, or erased since
    via text not null check (via in ('telephone', 'mail', 'paper', 'person', 'page', 'authority')),
    grievance text not null check (grievance in ('never_agreed', 'too_often', 'after_no', 'content', 'data', 'other')),
    topic_id int,                                          -- of the newest mail that they got; null: none, or no topic
    state text not null check (state in ('open', 'answered', 'closed')),
    known boolean not null,                                -- was it anybody's address when it was looked up
    never_contacted boolean not null,                      -- was it on the never-contact list then
    sealed_until timestamptz,                              -- evidence of an erased person with this address
    opened_at timestamptz not null,
    stopped_at timestamptz,
    receipt text check (char_length(receipt) <= 100),
    answered_at timestamptz,                               -- for the first time
    closed_at timestamptz,
    primary key (workspace_id, case_id),
    foreign key (workspace_id, contact_id) references contact on delete set null (contact_id),
    check ((state = 'closed') = (closed_at is not null)),
    check (state <> 'answered' or answered_at is not null)
);
select shodaku_guard('complaint_case');
select shodaku_personal('complaint_case', 'contact_id');
create index complaint_case_of on complaint_case (workspace_id, contact_id) where contact_id is not null;
create index complaint_case_open on complaint_case (workspace_id, case_id) where state <> 'closed';
create index complaint_case_opened on complaint_case (workspace_id, opened_at);
revoke update, delete, truncate on complaint_case from shodaku_app;
grant update (state, never_contacted, stopped_at, receipt, answered_at, closed_at) on complaint_case to shodaku_app;

-- What was done with a case, by whom: written once. The words of a note are in its entry of the ledger.
create table complaint_step (
    workspace_id int not null,
    case_id bigint not null,
    step_id bigint not null generated always as identity,
    step text not null check (step in ('opened', 'stopped', 'noted', 'answered', 'closed', 'reopened')),
    by text not null check (char_length(by) <= 100),
    at timestamptz not null,
    entry_id bigint,                                       -- null: it waits for the vault, or has none of its own
    primary key (workspace_id, case_id, step_id),
    foreign key (workspace_id, case_id) references complaint_case
);
select shodaku_guard('complaint_step');
revoke update, delete, truncate on complaint_step from shodaku_app;
