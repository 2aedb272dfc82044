-- The mail that carries the link.
update invitation set mailing_id = %(mailing_id)s where workspace_id = %(workspace_id)s and invitation_id = %(invitation_id)s
