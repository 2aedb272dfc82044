-- A file of a draft; one of the same name takes the place of the one before.
insert into campaign_file (workspace_id, campaign_id, name, media_type, bytes, sha256, added_at)
values (%(workspace_id)s, %(campaign_id)s, %(name)s, %(media_type)s, %(bytes)s, %(sha256)s, %(now)s)
on conflict (workspace_id, campaign_id, name) do update
set media_type = excluded.media_type, bytes = excluded.bytes, sha256 = excluded.sha256
