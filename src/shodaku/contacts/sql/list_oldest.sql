-- As list_newest, the oldest first.
select c.contact_id, c.family_name, c.given_name, c.kana, c.company, c.created_at, c.in_order as key,
    coalesce(a.value, (select s.value from address s where s.workspace_id = c.workspace_id and s.contact_id = c.contact_id order by s.channel limit 1)) as address
from contact c left join address a on a.workspace_id = c.workspace_id and a.contact_id = c.contact_id and a.channel = 'email'
where c.workspace_id = %(workspace_id)s and c.contact_id > %(after)s and c.contact_id <= %(last)s and (/*where*/)
order by c.contact_id
limit %(rows_max)s
