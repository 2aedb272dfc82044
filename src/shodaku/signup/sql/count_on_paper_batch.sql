-- Numbers for the next sheets of a batch: how many it had before. The row is held, so that no number is given twice.
update paper_batch set added = added + %(sheets)s
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and destroyed_at is null and added + %(sheets)s <= %(sheets_max)s
returning added - %(sheets)s
