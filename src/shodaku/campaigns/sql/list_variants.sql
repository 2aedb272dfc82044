-- The campaign itself first; what is empty is as in it.
select subject, text, html, no, mailing_id, people from trial_variant
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s order by no
