-- What people ask about their own data, and by when they are answered (個人情報保護法32条から37条, GDPR 12条, 15条から21条).
-- No address and no words: those are sealed in the ledger under the person's key. The room is above erasure, so the database itself
-- takes the person out: when the contact goes, the number goes, and what stays says only that somebody asked something then.
create table data_request (
    workspace_id int not null references workspace,
    request_id bigint not null generated always as identity,
    contact_id bigint,                                     -- null: nobody known here, or erased since
    kind text not null check (kind in ('access', 'correction', 'stop_use', 'erasure', 'provision_records', 'objection')),
    via text not null check (via in ('page', 'mail', 'telephone', 'paper', 'person', 'api')),
    jurisdiction text not null check (jurisdiction ~ '^[A-Z]{2}$'),  -- whose clock runs
    language text not null check (language in ('ja', 'en')),
    state text not null check (state in ('open', 'waiting_identity', 'answered', 'refused', 'withdrawn')),
    received_at timestamptz not null,
    due_at timestamptz not null,
    lengthened_at timestamptz,
    identity_how text check (identity_how in ('mailbox', 'document', 'call_back', 'known_facts', 'in_person', 'representative')),
    identity_by text check (char_length(identity_by) <= 100),
    identity_at timestamptz,
    ended_at timestamptz,
    refusal text check (refusal in ('not_identified', 'harm_to_others', 'hinders_business', 'against_law', 'not_held', 'excessive')),
    mailing_id int,                                        -- of the mail whose link proves the mailbox
    entry_id bigint,                                       -- of the newest entry about it; null: it waits for the vault
    primary key (workspace_id, request_id),
    foreign key (workspace_id, contact_id) references contact on delete set null (contact_id),
    check ((identity_at is null) = (identity_how is null)),
    check ((ended_at is null) = (state in ('open', 'waiting_identity'))),
    check ((state = 'refused') = (refusal is not null)),
    -- nothing is told, changed or erased for somebody of whom it is not known who they are; stopping is done for anybody
    check (state <> 'answered' or identity_at is not null or kind in ('stop_use', 'objection'))
);
select shodaku_guard('data_request');
select shodaku_personal('data_request', 'contact_id');
create index data_request_of on data_request (workspace_id, contact_id) where contact_id is not null;
create index data_request_due on data_request (workspace_id, due_at) where ended_at is null;
revoke update, delete, truncate on data_request from shodaku_app;
grant update (state, due_at, lengthened_at, identity_how, identity_by, identity_at, ended_at, refusal, mailing_id, entry_id)
    on data_request to shodaku_app;
