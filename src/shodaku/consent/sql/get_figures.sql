-- As they were counted last.
select topics, days, at from consent_figure where workspace_id = %(workspace_id)s
