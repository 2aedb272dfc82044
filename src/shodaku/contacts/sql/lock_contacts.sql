-- As lock_contact, of several, in the order that everybody keeps.
select contact_id from contact where workspace_id = %(workspace_id)s and contact_id = any(%(contacts)s::bigint[]) order by contact_id for update
