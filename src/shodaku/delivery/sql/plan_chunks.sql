-- From audience to chunks in one statement: a row per 1,000 people, ids ascending. Who can surely not be written to is left out; the gate
-- asks again. The mark is replaced by the compiled condition over c and a.
with audience as (
    select c.contact_id, (row_number() over (order by c.contact_id) - 1) / %(size)s as part
    from contact c
    join address a on a.workspace_id = c.workspace_id and a.contact_id = c.contact_id and a.channel = %(channel)s
    where c.workspace_id = %(workspace_id)s and a.invalid_at is null
      and not exists (select from suppression s where s.workspace_id = a.workspace_id and s.token = a.token and s.strength = 'strict')
      and /*where*/)
insert into chunk (workspace_id, mailing_id, contact_ids, not_before)
select %(workspace_id)s, %(mailing_id)s, array_agg(contact_id order by contact_id), coalesce(%(starts_at)s::timestamptz, '-infinity') from audience group by part order by part
returning no, cardinality(contact_ids)
