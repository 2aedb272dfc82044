-- Forget one person: the sheets that became their consents.
delete from paper_sheet where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
