-- Mailboxes that somebody looked into at least once, and how they are.
select name, validity, uid, handled, fault, at from mailbox_place where workspace_id = %(workspace_id)s order by name limit %(rows_max)s
