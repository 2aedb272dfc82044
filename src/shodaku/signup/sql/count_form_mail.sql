-- What became of a mail, for who wonders why nobody is answered.
update form_mail set asked = asked + %(asked)s, unproved = unproved + %(unproved)s,
                     unproved_at = case when %(unproved)s > 0 then %(now)s else unproved_at end
where workspace_id = %(workspace_id)s and form_id = %(form_id)s
