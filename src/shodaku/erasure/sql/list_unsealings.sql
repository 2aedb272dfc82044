-- Requests, those that can still be answered first, then the newest.
select u.unsealing_id, u.hold_id, u.reason, u.asked_by, u.asked_at, u.approved_by, u.approved_at, u.declined_at, u.opened_at,
       s.last_sent_at, s.destroy_after
from unsealing u join sealed s using (workspace_id, hold_id)
where u.workspace_id = %(workspace_id)s
order by u.declined_at is not null or u.opened_at is not null, u.unsealing_id desc limit %(rows_max)s
