-- What was counted last, or is being counted.
select preflight_id, campaign_id, state, chosen, coalesce(seen, chosen) as seen, sendable, coalesce(allowed, '{}') as allowed, reasons, content_sha256, pack, rules_sha256,
       other_pack, other_tightened, other_reasons, moved, at, groups from preflight
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and state <> 'ended' order by preflight_id desc limit 1
