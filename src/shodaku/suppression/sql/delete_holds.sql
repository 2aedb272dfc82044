-- A pause that came by reply or text was never asked for: it kept quiet until somebody had read what was meant, and now has.
delete from refusal
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and scope = 'until' and via in ('reply', 'sms')
