-- In the transaction of the portion: counts of verdicts and of reasons add up.
update import_batch set rows_done = rows_done + %(rows)s, line_done = %(line)s,
    counts = shodaku_counts_added(counts, %(counts)s), reasons = shodaku_counts_added(coalesce(reasons, '{}'), %(reasons)s)
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s
