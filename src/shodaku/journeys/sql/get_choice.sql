-- What the clocks of a workspace may do.
select asks, forgets, chosen_at, entry_id from clock_choice where workspace_id = %(workspace_id)s
