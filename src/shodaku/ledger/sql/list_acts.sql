-- Acts of staff and of the installation, newest first: its own (contact 0), and those about persons, which 0008_acts indexes.
-- Each limb ends at its limit, so that a page costs the same in a log of millions.
with own as (
    select s.entry_id from ledger_sealed s join ledger_entry e on e.workspace_id = s.workspace_id and e.entry_id = s.entry_id
    where s.workspace_id = %(workspace_id)s and s.contact_id = 0
      and (%(before)s::bigint is null or s.entry_id < %(before)s)
      and (%(kind)s::text is null or e.entry::json ->> 'kind' = %(kind)s)
      and (%(since)s::int is null or (e.entry::json ->> 'hour')::int >= %(since)s)
      and (%(until)s::int is null or (e.entry::json ->> 'hour')::int < %(until)s)
    order by s.entry_id desc limit %(rows_max)s
), of_people as (
    select e.entry_id from ledger_entry e
    where e.workspace_id = %(workspace_id)s and e.entry like '%%"kind":"admin.%%'
      and (%(before)s::bigint is null or e.entry_id < %(before)s)
      and (%(kind)s::text is null or e.entry::json ->> 'kind' = %(kind)s)
      and (%(since)s::int is null or (e.entry::json ->> 'hour')::int >= %(since)s)
      and (%(until)s::int is null or (e.entry::json ->> 'hour')::int < %(until)s)
    order by e.entry_id desc limit %(rows_max)s
), page as (
    select entry_id from (select entry_id from own union select entry_id from of_people) acts
    order by entry_id desc limit %(rows_max)s
)
select e.entry_id, e.entry, s.contact_id, s.body, l.seq as index
from page join ledger_entry e on e.workspace_id = %(workspace_id)s and e.entry_id = page.entry_id
left join ledger_sealed s on s.workspace_id = %(workspace_id)s and s.entry_id = page.entry_id
left join ledger_leaf l on l.workspace_id = %(workspace_id)s and l.entry_id = page.entry_id
order by e.entry_id desc
