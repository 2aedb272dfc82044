-- Forget one person; the tokens stay.
delete from refusal where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
