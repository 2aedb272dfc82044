-- What was done, by whom; written once.
insert into complaint_step (workspace_id, case_id, step, by, at, entry_id)
values (%(workspace_id)s, %(case_id)s, %(step)s, %(by)s, %(now)s, %(entry_id)s)
