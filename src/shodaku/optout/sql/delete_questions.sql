-- Their signatures have run out, so nobody can answer them again.
delete from opt_out_question where workspace_id = %(workspace_id)s and answered_at < %(before)s
