-- A slice of those who are chosen, as far as they are there: by their numbers, so that the locks of the reference are taken in order.
-- The newest has the first place, as on the list.
insert into bulk_person (workspace_id, bulk_id, place, contact_id)
select %(workspace_id)s, %(bulk_id)s, %(behind)s + row_number() over (order by c.contact_id desc), c.contact_id
from contact c where c.workspace_id = %(workspace_id)s and c.contact_id = any(%(contacts)s::bigint[])
and not exists (select from bulk_person p where p.workspace_id = %(workspace_id)s and p.bulk_id = %(bulk_id)s and p.contact_id = c.contact_id)
order by c.contact_id
returning contact_id
