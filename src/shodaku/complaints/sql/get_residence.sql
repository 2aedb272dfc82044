-- Where somebody lives, as far as it is known: their law sets the time for an answer.
select country from contact where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
