-- Contents to begin a campaign from, saved by the workspace itself; those of ours are no rows.
create table mail_template (
    workspace_id int not null references workspace,
    template_id int not null generated always as identity,
    name text not null check (length(name) between 1 and 100),
    subject text not null check (length(subject) <= 200),
    document jsonb not null,                               -- content.document reads it
    saved_by text not null, saved_at timestamptz not null,
    archived_at timestamptz,
    primary key (workspace_id, template_id)
);
create index mail_template_live on mail_template (workspace_id, template_id desc) where archived_at is null;
select shodaku_guard('mail_template');
