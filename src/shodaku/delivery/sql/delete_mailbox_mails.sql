-- The mailbox is no longer read.
delete from mailbox_mail where workspace_id = %(workspace_id)s and name = %(name)s
