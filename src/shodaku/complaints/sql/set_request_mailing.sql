-- The mail whose link proves the mailbox.
update data_request set mailing_id = %(mailing_id)s where workspace_id = %(workspace_id)s and request_id = %(request_id)s
