-- What was counted last.
select preflight_id, chosen, sendable, reasons, content_sha256, at from preflight
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s order by preflight_id desc limit 1
