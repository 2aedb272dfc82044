-- A certificate that somebody has a link to and that is not sealed to its key yet.
select e.erasure_id, c.entry_id, e.certificate_key from erasure e join certificate c using (workspace_id, erasure_id)
where e.workspace_id = %(workspace_id)s and e.erasure_id = %(erasure_id)s and e.certificate_key is not null
  and c.body is null and c.destroy_after is not null
