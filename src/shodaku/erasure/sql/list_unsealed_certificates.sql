-- Issued, wanted, and not sealed: their job was lost.
select e.erasure_id from erasure e join certificate c using (workspace_id, erasure_id)
where e.workspace_id = %(workspace_id)s and e.certificate_key is not null and c.body is null
  and c.destroy_after is not null and c.issued_at < %(before)s
order by e.erasure_id limit %(rows_max)s
