-- A count that is asked for, of one content; it has not begun.
insert into preflight (workspace_id, campaign_id, state, chosen, seen, sendable, allowed, reasons, content_sha256, other_pack, other_tightened, at)
values (%(workspace_id)s, %(campaign_id)s, 'waiting', 0, 0, 0, '{}', '{}', %(digest)s, %(other_pack)s, %(other_tightened)s, %(now)s)
returning preflight_id
