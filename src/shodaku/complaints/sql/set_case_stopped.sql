-- Everything was stopped, or the address put on the never-contact list.
update complaint_case set stopped_at = %(now)s, receipt = %(receipt)s, never_contacted = never_contacted or %(never_contacted)s
where workspace_id = %(workspace_id)s and case_id = %(case_id)s
