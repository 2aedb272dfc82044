-- Somebody asks for a second person's yes; the caller holds the campaign's row and ended what was asked before.
insert into launch_approval (workspace_id, campaign_id, preflight_id, content_sha256, people, note, asked_by, asked_at, claimed)
values (%(workspace_id)s, %(campaign_id)s, %(preflight_id)s, %(digest)s, %(people)s, %(note)s, %(staff_id)s, %(now)s, %(claimed)s)
returning approval_id
