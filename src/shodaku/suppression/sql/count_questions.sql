-- How often somebody has asked lately.
select count(*) from suppression_question where workspace_id = %(workspace_id)s and asked_by = %(by)s and at > %(after)s
