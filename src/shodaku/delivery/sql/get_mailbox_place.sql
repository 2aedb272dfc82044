-- How far a mailbox was read.
select name, validity, uid, handled, fault, at from mailbox_place where workspace_id = %(workspace_id)s and name = %(name)s
