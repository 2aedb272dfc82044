-- Held until the commit: of two who close it at once, the second finds it closed.
select case_id, contact_id, via, grievance, topic_id, state, known, never_contacted, sealed_until,
       opened_at, stopped_at, receipt, answered_at, closed_at
from complaint_case where workspace_id = %(workspace_id)s and case_id = %(case_id)s for update
