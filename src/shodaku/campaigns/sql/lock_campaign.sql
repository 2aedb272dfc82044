-- Two launches at once are one: the second waits here and finds no draft.
select state from campaign where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s for update
