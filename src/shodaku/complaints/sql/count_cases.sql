-- For the navigation and the head of the list: by the partial index of what is not closed, which stays short.
select count(*) filter (where state = 'open') as open,
       count(*) filter (where state = 'answered') as answered,
       count(*) filter (where answered_at is null and opened_at <= %(late_before)s) as late
from complaint_case where workspace_id = %(workspace_id)s and state <> 'closed'
