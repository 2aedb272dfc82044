-- How many people it will be, about: some may come or go while it counts.
update preflight set chosen = %(people)s, pack = %(pack)s, rules_sha256 = %(rules_sha256)s
where workspace_id = %(workspace_id)s and preflight_id = %(preflight_id)s and run = %(run)s and state = 'running'
