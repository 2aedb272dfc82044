-- What is switched on, by sender.
select sender_id, name, since, entry_id from exemption where workspace_id = %(workspace_id)s order by sender_id, name
