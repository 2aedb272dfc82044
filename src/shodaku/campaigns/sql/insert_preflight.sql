-- What was counted, at one moment and for one content.
insert into preflight (workspace_id, campaign_id, chosen, sendable, reasons, content_sha256, at)
values (%(workspace_id)s, %(campaign_id)s, %(chosen)s, %(sendable)s, %(reasons)s, %(digest)s, %(now)s) returning preflight_id
