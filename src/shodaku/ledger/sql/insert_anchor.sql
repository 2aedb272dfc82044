-- A checkpoint arrived outside; two at once brought the same one, and the first receipt is kept.
insert into ledger_anchor (workspace_id, target_id, size, receipt, at)
values (%(workspace_id)s, %(target_id)s, %(size)s, %(receipt)s, %(at)s)
on conflict (workspace_id, target_id, size) do nothing
