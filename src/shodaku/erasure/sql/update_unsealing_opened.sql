-- In the transaction of the ledger entry that says so: opened once, and ended.
update unsealing set opened_by = %(by)s, opened_at = %(now)s
where workspace_id = %(workspace_id)s and unsealing_id = %(unsealing_id)s and opened_at is null
