-- What a total opt-out means here, what is said about it, and which notices it ends.
update workspace set on_opt_out = %(rule)s, opt_out_note = %(note)s, opt_out_note_en = %(note_en)s, opt_out_after = %(after)s,
       opt_out_after_en = %(after_en)s, opt_out_ends = %(ends)s
where workspace_id = %(workspace_id)s
