-- In the transaction that planned; saved segments stay in the version that was meant, and the count it rested on is remembered.
update campaign c set state = 'running', mailing_id = %(mailing_id)s, planned_count = %(people)s, content_sha256 = %(digest)s,
       conditions = %(conditions)s, launched_by = %(staff_id)s, launched_at = %(now)s,
       launch_preflight_id = (select max(p.preflight_id) from preflight p where p.workspace_id = c.workspace_id and p.campaign_id = c.campaign_id and p.state = 'done')
where c.workspace_id = %(workspace_id)s and c.campaign_id = %(campaign_id)s
