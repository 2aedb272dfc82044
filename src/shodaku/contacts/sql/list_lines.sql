-- Names and one address each, of the wanted channel where there is one, for a page of a list.
select c.contact_id, c.family_name, c.given_name, c.kana, c.company, a.value as address, c.created_at
from contact c
left join lateral (
    select value from address a
    where a.workspace_id = %(workspace_id)s and a.contact_id = c.contact_id
    order by a.channel <> %(channel)s, a.channel, a.value limit 1
) a on true
where c.workspace_id = %(workspace_id)s and c.contact_id = any(%(contact_ids)s::bigint[])
