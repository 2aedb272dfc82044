-- What a person told of themselves on a form; answers that were not given again stay. With what else finds them, for the keys.
update contact set family_name = %(family_name)s, given_name = %(given_name)s, kana = %(kana)s,
    attributes = attributes || %(attributes)s
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
returning family_name, given_name, kana, company
