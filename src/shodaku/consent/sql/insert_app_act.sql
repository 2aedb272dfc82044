-- Once for a press; the caller holds the person. What is older than a program still repeats makes room.
with old as (
    delete from app_act where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and at < %(kept_after)s
      and key_sha256 <> %(key_sha256)s)
insert into app_act (workspace_id, contact_id, key_sha256, request_sha256, at)
values (%(workspace_id)s, %(contact_id)s, %(key_sha256)s, %(request_sha256)s, %(now)s)
on conflict do nothing
