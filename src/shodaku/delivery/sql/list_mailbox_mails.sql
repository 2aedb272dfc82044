-- What is known of the mails that lie in a mailbox; as many as are listed there.
select mail, state, tries from mailbox_mail where workspace_id = %(workspace_id)s and name = %(name)s limit %(rows_max)s
