-- Consents on paper: sheets as they were printed, batches of scans, what each person read off a scan.
create table form_sheet (                                   -- the words that a sheet of this version and language bears, frozen when it is first made
    workspace_id int not null, form_id int not null, version int not null,
    language text not null check (language in ('ja', 'en')),
    wording jsonb not null, wording_sha256 text not null,
    made_at timestamptz not null, made_by int,
    primary key (workspace_id, form_id, version, language),
    foreign key (workspace_id, form_id, version) references form_version
);
select shodaku_guard('form_sheet');
revoke update, delete, truncate on form_sheet from shodaku_app;

create table paper_batch (
    workspace_id int not null references workspace,
    batch_id bigint not null generated always as identity,
    form_id int not null, version int not null, language text not null,  -- of most of its sheets; each may bear another code
    shop text not null,
    checking text not null check (checking in ('all', 'sample')),
    shelf text not null, destroy_on date not null,         -- where the originals lie, and until when
    destroyed_at timestamptz, destroyed_by int,
    added int not null default 0,                          -- sheets ever taken in; who is erased takes theirs along
    created_at timestamptz not null, created_by int,
    primary key (workspace_id, batch_id),
    foreign key (workspace_id, form_id, version, language) references form_sheet
);
select shodaku_guard('paper_batch');

create table paper_sheet (
    workspace_id int not null,
    sheet_id bigint not null generated always as identity,
    batch_id bigint not null, number int not null,         -- in its batch, from 1
    state text not null check (state in ('waiting', 'second', 'third', 'parked', 'recorded', 'refused', 'discarded')),
    checked boolean not null,                              -- a second person keys it in again
    key_id bigint not null,                                -- of the person's key that its scan and readings lie under: a contact to be, or nobody's
    media_type text not null check (media_type in ('image/jpeg', 'image/png')),
    body bytea,                                            -- the scan, sealed; none once it is the person's own evidence, or was thrown away
    reason text, note bytea,                               -- why it was put aside; in words, sealed
    contact_id bigint, entry_id bigint,                    -- whose consent it became
    form_id int, version int, language text,               -- of the code that it bears, once it is recorded
    to_ask int[],                                          -- topics that wait for the mail that asks for confirmation
    added_at timestamptz not null, settled_at timestamptz,
    primary key (workspace_id, sheet_id),
    unique (workspace_id, batch_id, number),
    foreign key (workspace_id, batch_id) references paper_batch,
    foreign key (workspace_id, contact_id) references contact,
    check ((state in ('recorded', 'refused', 'discarded')) = (body is null)),
    check ((state = 'recorded') = (contact_id is not null))
);
alter table paper_sheet alter column body set storage external;  -- what is encrypted does not compress
select shodaku_guard('paper_sheet');
select shodaku_personal('paper_sheet', 'body', 'note', 'contact_id');
create index paper_sheet_open on paper_sheet (workspace_id, state, sheet_id) where state in ('waiting', 'second', 'third', 'parked');
create index paper_sheet_contact on paper_sheet (workspace_id, contact_id) where contact_id is not null;
create index paper_sheet_to_ask on paper_sheet (workspace_id) where to_ask is not null;

create table paper_reading (                                -- what one person keyed in, until the sheet is settled
    workspace_id int not null, sheet_id bigint not null,
    look smallint not null check (look between 1 and 3),
    staff_id int not null, body bytea not null, at timestamptz not null,
    primary key (workspace_id, sheet_id, look),
    foreign key (workspace_id, sheet_id) references paper_sheet on delete cascade
);
select shodaku_guard('paper_reading');
select shodaku_personal('paper_reading', 'body');
