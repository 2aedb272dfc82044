-- What a person told of themselves on a form; answers that were not given again stay.
update contact set family_name = %(family_name)s, given_name = %(given_name)s, kana = %(kana)s, search_key = %(search_key)s,
    attributes = attributes || %(attributes)s
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
