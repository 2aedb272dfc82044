-- Mail to it is turned away from here on.
delete from inbound_address where workspace_id = %(workspace_id)s and address = %(address)s
