-- Forget one person: the new address keeps its own consents, but not whose it was before; an open question ends.
update signup_request set moves_from = null, state = case state when 'requested' then 'withdrawn' else state end
where workspace_id = %(workspace_id)s and moves_from = %(contact_id)s
