-- One more form of addresses that is kept out; null if it is there.
insert into suppression_block (workspace_id, kind, value, reason, at, by)
values (%(workspace_id)s, %(kind)s, %(value)s, %(reason)s, %(now)s, %(by)s)
on conflict (workspace_id, value) do nothing returning block_no
