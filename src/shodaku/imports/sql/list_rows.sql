-- Rows to look at; who is suppressed is counted and never listed.
select line, contact_id, verdict, reason from import_row
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and verdict <> 'suppressed' order by line limit 2000
