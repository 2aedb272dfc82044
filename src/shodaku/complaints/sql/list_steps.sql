-- All that was done with a case, oldest first.
select step_id, step, by, at, entry_id from complaint_step
where workspace_id = %(workspace_id)s and case_id = %(case_id)s order by step_id limit %(rows_max)s
