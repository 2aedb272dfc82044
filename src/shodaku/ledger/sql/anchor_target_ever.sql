-- Was a place outside ever chosen, or removed? Then nothing is chosen in its stead.
select exists (select from ledger_anchor_target where workspace_id = %(workspace_id)s)
