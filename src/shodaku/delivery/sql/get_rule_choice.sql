-- By which rules the workspace decides.
select pack, tightened, home_country, chosen_at, entry_id from rule_choice where workspace_id = %(workspace_id)s
