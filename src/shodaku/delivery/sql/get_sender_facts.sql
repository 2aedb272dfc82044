-- What the gate asks about who sends.
select s.from_address, s.mail_domain from sender s where s.workspace_id = %(workspace_id)s and s.sender_id = %(sender_id)s
