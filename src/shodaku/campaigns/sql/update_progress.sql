-- After each slice, and at the end; no row: another count took its place, or the draft was edited or launched.
update preflight set seen = %(seen)s, sendable = %(sendable)s, allowed = %(allowed)s, reasons = %(reasons)s,
       other_reasons = %(other_reasons)s, moved = %(moved)s, groups = %(groups)s, state = %(state)s,
       chosen = case when %(state)s = 'done' then %(seen)s else chosen end
where workspace_id = %(workspace_id)s and preflight_id = %(preflight_id)s and run = %(run)s and state = 'running'
