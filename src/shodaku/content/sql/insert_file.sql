-- A body is kept once, whoever brings it again.
insert into carried_file (workspace_id, sha256, body, kept_at)
values (%(workspace_id)s, %(sha256)s, %(body)s, %(now)s)
on conflict do nothing
