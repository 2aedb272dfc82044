-- Answered, ended, or never sent: once.
update reconfirmation set state = %(state)s, answered_at = %(answered_at)s
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and reconfirmation_id = %(reconfirmation_id)s and state = 'asked'
