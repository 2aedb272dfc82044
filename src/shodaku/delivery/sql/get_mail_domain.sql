-- The last look at a sending domain.
select dmarc, checked_at, unanswered_at, findings from mail_domain where workspace_id = %(workspace_id)s and name = %(name)s
