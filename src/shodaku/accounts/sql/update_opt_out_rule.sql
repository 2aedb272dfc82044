-- What a total opt-out means here.
update workspace set on_opt_out = %(rule)s, opt_out_note = %(note)s where workspace_id = %(workspace_id)s
