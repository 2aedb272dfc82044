-- As list_newest, of those in whose names or e-mail address something stands, wherever.
select c.contact_id, c.family_name, c.given_name, c.kana, c.company, c.created_at, c.in_order as key, a.value as address
from contact c left join address a on a.workspace_id = c.workspace_id and a.contact_id = c.contact_id and a.channel = 'email'
where c.workspace_id = %(workspace_id)s and c.contact_id >= %(last)s
  and ((%(names)s <> '' and strpos(c.search_key, %(names)s) > 0) or strpos(a.key, %(address)s) > 0)
  and (/*where*/)
order by c.contact_id desc
limit %(rows_max)s
