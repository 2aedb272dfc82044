-- What a link opens, found by the public half of its key.
select e.erasure_id, e.requested_at, c.entry_id, c.body, c.destroy_after from erasure e
left join certificate c using (workspace_id, erasure_id)
where e.workspace_id = %(workspace_id)s and e.certificate_key = %(certificate_key)s
