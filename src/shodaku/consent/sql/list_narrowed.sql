-- Consents that the person has made narrower since.
select topic_id, channel, terms from consent
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and state = 'active' and terms -> 'fewer' is not null
