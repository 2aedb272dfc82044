-- How often somebody asked on their own page since then.
select count(*) from data_request
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and via = 'page' and kind = %(kind)s and received_at > %(since)s
