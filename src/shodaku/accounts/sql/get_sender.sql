-- One legal identity.
select sender_id, formal_name, display_name, postal_address, contact_email, contact_phone, contact_url, from_address, mail_domain, privacy_policy_version, privacy_policy, responsible_person, sales_terms_url, retired_at from sender where workspace_id = %(workspace_id)s and sender_id = %(sender_id)s
