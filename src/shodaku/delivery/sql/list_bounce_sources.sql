-- For staff: who is not believed, and who is by their own word; the newest first.
select host(source) as source, hard, unproved, held, quarantined_until, trusted_until is not distinct from 'infinity' as trusted
from bounce_source
where workspace_id = %(workspace_id)s and (quarantined_until > %(now)s or trusted_until = 'infinity')
order by quarantined_until desc nulls last, source limit %(rows_max)s
