-- A request with the day of its sealing. Locked: of two answers, the second sees the first.
select u.unsealing_id, u.hold_id, u.reason, u.asked_by, u.asked_at, u.approved_by, u.approved_at, u.declined_at, u.opened_at,
       s.last_sent_at, s.destroy_after
from unsealing u join sealed s using (workspace_id, hold_id)
where u.workspace_id = %(workspace_id)s and u.unsealing_id = %(unsealing_id)s for update of u
