-- How many people it was launched to.
update mailing set planned = %(people)s, state = case when %(people)s = 0 then 'done' else state end,
    ended_at = case when %(people)s = 0 then launched_at end
where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s
