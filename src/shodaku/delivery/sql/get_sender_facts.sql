-- What the gate asks about who sends.
select s.from_address, s.mail_domain, w.b2c_mail_order
from sender s join workspace w on w.workspace_id = s.workspace_id
where s.workspace_id = %(workspace_id)s and s.sender_id = %(sender_id)s
