-- How many said no after a mail, by what they said and the way it came.
select scope, via, count(*)::int as people from refusal_cause
where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s group by scope, via order by scope, via
