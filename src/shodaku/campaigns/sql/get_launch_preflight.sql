-- What was counted when it was launched.
select p.preflight_id, p.campaign_id, p.state, p.chosen, coalesce(p.seen, p.chosen) as seen, p.sendable, coalesce(p.allowed, '{}') as allowed, p.reasons, p.content_sha256, p.pack, p.rules_sha256,
       p.other_pack, p.other_tightened, p.other_reasons, p.moved, p.at, p.groups
from campaign c join preflight p on p.workspace_id = c.workspace_id and p.campaign_id = c.campaign_id and p.preflight_id = c.launch_preflight_id
where c.workspace_id = %(workspace_id)s and c.campaign_id = %(campaign_id)s
