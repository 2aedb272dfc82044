-- Which campaign a mailing belongs to, or a variant of which; none: it was sent by a clock.
select campaign_id from campaign where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s
union all
select campaign_id from trial_variant where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s limit 1
