-- One case as it stands.
select case_id, contact_id, via, grievance, topic_id, state, known, never_contacted, sealed_until,
       opened_at, stopped_at, receipt, answered_at, closed_at
from complaint_case where workspace_id = %(workspace_id)s and case_id = %(case_id)s
