-- What is told of one person.
select family_name, given_name, kana, company, birth_date, locale
from contact where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
