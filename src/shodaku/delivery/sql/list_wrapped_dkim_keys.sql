-- What signs for a domain now, wrapped; RSA first, for it is what everybody verifies.
select key_id, domain, selector, algorithm, wrapped, epoch, fault from dkim_key
where workspace_id = %(workspace_id)s and domain = %(domain)s
  and active_at is not null and replaced_at is null and ended_at is null
order by algorithm desc, key_id
