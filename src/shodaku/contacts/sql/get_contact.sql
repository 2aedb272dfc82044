-- One person.
select contact_id, family_name, given_name, kana, company, locale, source, created_at
from contact where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
