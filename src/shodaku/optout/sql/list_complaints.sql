-- What a person has complained of lately by their own page.
select event_id from inbound_message
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and via = 'page' and received_at > %(after)s
