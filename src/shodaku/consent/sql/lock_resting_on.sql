-- Whose consents rest on these entries, and the people named besides; held in the order of all, so that nobody folds beside us.
select c.contact_id from contact c
where c.workspace_id = %(workspace_id)s and c.contact_id in (
    select unnest(%(people)s::bigint[])
    union
    select e.contact_id from consent_event e where e.workspace_id = %(workspace_id)s and e.entry_id = any(%(entries)s::bigint[]))
order by c.contact_id for update of c
