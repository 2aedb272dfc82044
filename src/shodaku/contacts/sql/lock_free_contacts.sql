-- As lock_contacts, without waiting: whom somebody holds is left out.
select contact_id from contact where workspace_id = %(workspace_id)s and contact_id = any(%(contacts)s::bigint[]) order by contact_id
for update skip locked
