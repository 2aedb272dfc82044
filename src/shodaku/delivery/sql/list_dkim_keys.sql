-- All keys of a domain, or of all of them, newest first; no private part.
select key_id, domain, selector, algorithm, generation, public, made_at, active_at, replaced_at, ended_at, fault
from dkim_key
where workspace_id = %(workspace_id)s and (%(domain)s::text is null or domain = %(domain)s)
order by domain, generation desc, key_id
