-- A new legal identity.
insert into sender (workspace_id, formal_name, display_name, postal_address, contact_email, contact_phone, contact_url, from_address,
                    mail_domain, privacy_policy_version, privacy_policy, responsible_person, sales_terms_url, created_at, updated_at)
values (%(workspace_id)s, %(formal_name)s, %(display_name)s, %(postal_address)s, %(contact_email)s, %(contact_phone)s, %(contact_url)s,
        %(from_address)s, %(mail_domain)s, %(privacy_policy_version)s, %(privacy_policy)s,
        %(responsible_person)s, %(sales_terms_url)s, %(now)s, %(now)s)
returning sender_id
