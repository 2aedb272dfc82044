-- What a person is found by, after a name changed.
update contact set search_key = %(whole)s, name_key = %(name)s, given_key = %(given)s, kana_key = %(kana)s,
    given_kana_key = %(given_kana)s, company_key = %(company)s, in_order = %(in_order)s
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
