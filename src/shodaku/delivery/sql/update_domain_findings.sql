-- Beside the verdict: what each record said, for who has to mend it.
update mail_domain set findings = %(findings)s, unanswered_at = %(unanswered_at)s
where workspace_id = %(workspace_id)s and name = %(name)s
