-- What the law asks about a person, to go along with them to another address.
select country, country_from, kind, birth_date, timezone
from contact where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
