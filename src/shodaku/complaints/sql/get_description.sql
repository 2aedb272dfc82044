-- What else is known of somebody.
select birth_date, country, attributes, tracking_consent_at from contact where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
