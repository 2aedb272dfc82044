-- One person, two contacts: what the staff chose is told by both; a gap is no answer and takes nothing away.
update contact c set
    family_name = case when %(name)s and coalesce(o.family_name, o.given_name) is not null then o.family_name else c.family_name end,
    given_name = case when %(name)s and coalesce(o.family_name, o.given_name) is not null then o.given_name else c.given_name end,
    kana = case when %(kana)s then coalesce(o.kana, c.kana) else c.kana end,
    company = case when %(company)s then coalesce(o.company, c.company) else c.company end,
    birth_date = case when %(birth_date)s then coalesce(o.birth_date, c.birth_date) else c.birth_date end,
    locale = case when %(locale)s then coalesce(o.locale, c.locale) else c.locale end
from contact o
where c.workspace_id = %(workspace_id)s and c.contact_id = %(contact_id)s
  and o.workspace_id = c.workspace_id and o.contact_id = %(other_id)s
returning c.family_name, c.given_name, c.kana, c.company, c.birth_date, c.locale
