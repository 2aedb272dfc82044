-- Nobody uses it: a program made it from a pattern.
update address set generated = true where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and channel = %(channel)s
