-- Somebody complains, in the transaction of its first step.
insert into complaint_case (workspace_id, contact_id, via, grievance, topic_id, state, known, never_contacted, sealed_until,
                            opened_at, stopped_at, receipt)
values (%(workspace_id)s, %(contact_id)s, %(via)s, %(grievance)s, %(topic_id)s, 'open', %(known)s, %(never_contacted)s,
        %(sealed_until)s, %(now)s, %(stopped_at)s, %(receipt)s)
returning case_id
