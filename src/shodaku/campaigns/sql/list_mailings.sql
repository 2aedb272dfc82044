-- What was launched of a campaign: the mailing of each variant by its number, and last the one of everybody, or of the others.
select v.mailing_id, v.no from trial_variant v
where v.workspace_id = %(workspace_id)s and v.campaign_id = %(campaign_id)s and v.mailing_id is not null
union all
select c.mailing_id, null from campaign c
where c.workspace_id = %(workspace_id)s and c.campaign_id = %(campaign_id)s and c.mailing_id is not null
order by no nulls last
