-- The person's own choice, taken back as well as given; the caller holds the row.
update contact set tracking_consent_at = %(at)s::timestamptz where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
