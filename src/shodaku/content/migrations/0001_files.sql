-- Files that travel with mails. A body lies once in a workspace, whichever drafts and mailings carry it, and ends with the last of them.
create table carried_file (
    workspace_id int not null references workspace,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    body bytea not null check (octet_length(body) between 1 and 5 * 1024 * 1024),
    kept_at timestamptz not null,
    primary key (workspace_id, sha256)
);
alter table carried_file alter column body set storage external;  -- pictures and papers are compressed already
select shodaku_guard('carried_file');

create table mailing_file (                                -- what a mailing carries, frozen at its launch like its text
    workspace_id int not null, mailing_id int not null,
    no smallint not null check (no between 1 and 10),      -- in the order of the mail
    name text not null check (length(name) <= 100), media_type text not null, sha256 text not null,
    primary key (workspace_id, mailing_id, no),
    foreign key (workspace_id, sha256) references carried_file
);
create index mailing_file_body on mailing_file (workspace_id, sha256);
select shodaku_guard('mailing_file');
