-- The person's latest word about their own name; with what else finds them, for the keys.
update contact set family_name = %(family_name)s, given_name = %(given_name)s
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
returning family_name, given_name, kana, company
