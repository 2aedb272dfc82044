-- Which campaign a mailing belongs to; none: it was sent by a clock.
select campaign_id from campaign where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s
