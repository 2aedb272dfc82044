-- The newest request for a sealing: only it can still be open.
select u.unsealing_id, u.hold_id, u.reason, u.asked_by, u.asked_at, u.approved_by, u.approved_at, u.declined_at, u.opened_at,
       s.last_sent_at, s.destroy_after
from unsealing u join sealed s using (workspace_id, hold_id)
where u.workspace_id = %(workspace_id)s and u.hold_id = %(hold_id)s order by u.unsealing_id desc limit 1
