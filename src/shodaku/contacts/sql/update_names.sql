-- The person's latest word about their own name.
update contact set family_name = %(family_name)s, given_name = %(given_name)s, search_key = %(search_key)s
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
