-- One more look that was answered: looks in a row at which the records failed.
update mail_domain set failed_looks = case when %(failing)s then failed_looks + 1 else 0 end,
    failing_since = case when %(failing)s then coalesce(failing_since, %(now)s) end
where workspace_id = %(workspace_id)s and name = %(name)s
returning name, failed_looks, failing_since, dmarc = 'none' as refused
