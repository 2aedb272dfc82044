-- The row lock of the opt-out protocol (ARCHITECTURE section 10).
select contact_id from contact where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s for update
