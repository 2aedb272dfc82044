-- What the button showed.
select preflight_id, chosen, sendable, reasons, content_sha256, at from preflight
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and preflight_id = %(preflight_id)s
