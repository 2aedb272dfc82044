-- Messages that have been frozen keep the identity they were frozen with.
update sender set formal_name = %(formal_name)s, display_name = %(display_name)s, postal_address = %(postal_address)s,
       contact_email = %(contact_email)s, contact_phone = %(contact_phone)s, contact_url = %(contact_url)s, from_address = %(from_address)s,
       mail_domain = %(mail_domain)s, privacy_policy_version = %(privacy_policy_version)s, privacy_policy = %(privacy_policy)s,
       responsible_person = %(responsible_person)s, sales_terms_url = %(sales_terms_url)s,
       updated_at = %(now)s
where workspace_id = %(workspace_id)s and sender_id = %(sender_id)s
returning sender_id
