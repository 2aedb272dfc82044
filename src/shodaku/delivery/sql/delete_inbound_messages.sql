-- Forget one person; the words themselves are shredded with the key.
delete from inbound_message where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
