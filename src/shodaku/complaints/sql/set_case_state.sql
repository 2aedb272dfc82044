-- The next state; the first answer keeps its time.
update complaint_case set state = %(state)s,
    answered_at = case when %(state)s = 'answered' then coalesce(answered_at, %(now)s) else answered_at end,
    closed_at = case when %(state)s = 'closed' then %(now)s end
where workspace_id = %(workspace_id)s and case_id = %(case_id)s
