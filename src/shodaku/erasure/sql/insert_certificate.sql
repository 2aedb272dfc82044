-- One certificate an erasure.
insert into certificate (workspace_id, erasure_id, entry_id, issued_at)
values (%(workspace_id)s, %(erasure_id)s, %(entry_id)s, %(now)s) on conflict do nothing
