-- Every key that has not ended, wrapped: can this machine open it?
select key_id, domain, selector, algorithm, wrapped, epoch, fault from dkim_key
where workspace_id = %(workspace_id)s and ended_at is null
order by domain, key_id
