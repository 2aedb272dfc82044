-- Since when the person allows it; null: they do not.
select tracking_consent_at from contact where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
