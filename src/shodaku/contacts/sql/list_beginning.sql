-- People of whom a name, a reading, a company or an address begins so, by what was found. Each branch ends by itself, so that a
-- beginning of 100,000 names is as quick as one of three; ranges, for LIKE is not leakproof
-- (0008_search.sql). Each begins with one comparison of rows: beside a second one the index is read from its first entry.
select c.contact_id, c.family_name, c.given_name, c.kana, c.company, c.created_at, found.key,
    coalesce(a.value, (select s.value from address s where s.workspace_id = c.workspace_id and s.contact_id = c.contact_id order by s.channel limit 1)) as address
from (
    (select name_key as key, contact_id from contact where workspace_id = %(workspace_id)s and name_key is not null and name_key < %(names_to)s
        and (name_key, contact_id) > (%(names_after)s, %(names_id)s) order by name_key, contact_id limit %(looked_at_max)s)
    union all
    (select given_key, contact_id from contact where workspace_id = %(workspace_id)s and given_key is not null and given_key < %(names_to)s
        and (given_key, contact_id) > (%(names_after)s, %(names_id)s) order by given_key, contact_id limit %(looked_at_max)s)
    union all
    (select kana_key, contact_id from contact where workspace_id = %(workspace_id)s and kana_key is not null and kana_key < %(names_to)s
        and (kana_key, contact_id) > (%(names_after)s, %(names_id)s) order by kana_key, contact_id limit %(looked_at_max)s)
    union all
    (select given_kana_key, contact_id from contact where workspace_id = %(workspace_id)s and given_kana_key is not null and given_kana_key < %(names_to)s
        and (given_kana_key, contact_id) > (%(names_after)s, %(names_id)s) order by given_kana_key, contact_id limit %(looked_at_max)s)
    union all
    (select company_key, contact_id from contact where workspace_id = %(workspace_id)s and company_key is not null and company_key < %(names_to)s
        and (company_key, contact_id) > (%(names_after)s, %(names_id)s) order by company_key, contact_id limit %(looked_at_max)s)
    union all
    (select key collate "C", contact_id from address where workspace_id = %(workspace_id)s and key collate "C" > '' and key collate "C" < %(address_to)s
        and (key collate "C", contact_id) > (%(address_after)s, %(address_id)s) order by key collate "C", contact_id limit %(looked_at_max)s)
) found
join contact c on c.workspace_id = %(workspace_id)s and c.contact_id = found.contact_id
left join address a on a.workspace_id = c.workspace_id and a.contact_id = c.contact_id and a.channel = 'email'
where (/*where*/)
order by found.key, c.contact_id
limit %(rows_max)s
