-- A draft is thrown away; the states in which it was saved go with it. What was launched stays, whoever asks.
delete from campaign where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and state = 'draft' and mailing_id is null
