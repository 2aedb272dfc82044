-- Nobody changes who sends until the transaction ends; what it says is read in the next statement.
select sender_id from sender where workspace_id = %(workspace_id)s and sender_id = %(sender_id)s for share
