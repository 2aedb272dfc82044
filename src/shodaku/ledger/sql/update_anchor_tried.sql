-- What came of the last attempt; a fault that is found later leaves the time of the attempt.
update ledger_anchor_target set tried_at = coalesce(%(tried_at)s, tried_at), fault = %(fault)s
where workspace_id = %(workspace_id)s and target_id = %(target_id)s
