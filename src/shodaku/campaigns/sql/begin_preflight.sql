-- From nothing, also where another process had begun: whatever that one still writes misses its number.
update preflight set state = 'running', run = run + 1, chosen = 0, seen = 0, sendable = 0, allowed = '{}', reasons = '{}',
       other_reasons = null, moved = null, at = %(now)s
where workspace_id = %(workspace_id)s and preflight_id = %(preflight_id)s and state in ('waiting', 'running')
returning campaign_id, run, content_sha256, other_pack, other_tightened
