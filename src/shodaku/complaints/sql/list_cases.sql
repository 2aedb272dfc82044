-- A page of cases, newest first, narrowed by what stands in the URL; 'unfinished' is all that are not closed.
select case_id, contact_id, via, grievance, topic_id, state, known, never_contacted, sealed_until,
       opened_at, stopped_at, receipt, answered_at, closed_at
from complaint_case where workspace_id = %(workspace_id)s
  and (%(before)s::bigint is null or case_id < %(before)s)
  and (%(state)s::text is null or state = %(state)s or (%(state)s = 'unfinished' and state <> 'closed'))
  and (%(grievance)s::text is null or grievance = %(grievance)s)
  and (%(topic_id)s::int is null or topic_id = %(topic_id)s)
order by case_id desc limit %(rows_max)s
