-- Rows to correct or to look at, by number; who is suppressed is counted and never listed.
select line, contact_id, verdict, reason, warnings from import_row
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and line > %(after)s
  and (verdict in ('faulty', 'duplicate') or warnings <> '{}') and verdict <> 'suppressed'
order by line limit %(rows_max)s
