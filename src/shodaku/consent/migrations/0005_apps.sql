-- Switches in an app of the sender: what its screen says is a wording with versions, and a press counts once however often it is sent.
alter table wording
    drop constraint wording_kind_check,
    add constraint wording_kind_check check (kind in ('topic', 'form', 'policy', 'app'));

create table app_act (
    workspace_id int not null, contact_id bigint not null,
    key_sha256 bytea not null check (octet_length(key_sha256) = 32),          -- of the program's key and the idempotency key
    request_sha256 bytea not null check (octet_length(request_sha256) = 32),  -- another request under the same key is a fault
    at timestamptz not null,
    primary key (workspace_id, contact_id, key_sha256),
    foreign key (workspace_id, contact_id) references contact
);
select shodaku_guard('app_act');
select shodaku_personal('app_act', 'at');
revoke update, truncate on app_act from shodaku_app;
