-- Who may be the same person: one name and one birthday with readings that agree, one name and one number, or the number that a list
-- told of one as the address of the other. Of a name that hundreds have, the newest are looked at.
with one as (
    select contact_id, name_key, kana_key, birth_date, attributes ->> 'phone' as phone
    from contact where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
), numbers as (
    select key from address where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and channel <> 'email'
    union select phone from one where phone is not null
)
select o.contact_id from one cross join lateral (
    select c.contact_id, c.kana_key, c.birth_date, c.attributes ->> 'phone' as phone from contact c
    where c.workspace_id = %(workspace_id)s and c.name_key = one.name_key and c.contact_id <> one.contact_id
    order by c.contact_id desc limit 500) o
where (o.birth_date = one.birth_date and (o.kana_key is null or one.kana_key is null or o.kana_key = one.kana_key))
   or o.phone in (select key from numbers)
   or exists (select from address a where a.workspace_id = %(workspace_id)s and a.contact_id = o.contact_id and a.channel <> 'email'
                 and a.key in (select key from numbers))
union
select a.contact_id from one join address a on a.workspace_id = %(workspace_id)s and a.key collate "C" > '' and a.key collate "C" = one.phone
where a.contact_id <> one.contact_id
order by 1 limit %(rows_max)s
