-- A keyset page: stable under new rows, and as quick on page 1,000 as on page 1.
select c.contact_id, c.family_name, c.given_name, c.company, a.value as address, c.created_at
from contact c left join address a on a.workspace_id = c.workspace_id and a.contact_id = c.contact_id and a.channel = 'email'
where c.workspace_id = %(workspace_id)s
  and (%(before)s::bigint is null or c.contact_id < %(before)s::bigint)
  and (%(address_part)s = '' or (%(name_part)s <> '' and c.search_key like '%%' || %(name_part)s || '%%') or a.key like '%%' || %(address_part)s || '%%')
order by c.contact_id desc
limit %(rows_max)s
