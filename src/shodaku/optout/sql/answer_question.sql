-- A question is answered once; no row says that it was.
insert into opt_out_question (workspace_id, number, answered_at) values (%(workspace_id)s, %(number)s, %(now)s)
on conflict do nothing returning true
