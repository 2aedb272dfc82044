-- Chunks that other volumes hold open: of a machine that is lost with its journals nobody else would ever settle them.
select mailing_id, no, fence, host, cardinality(contact_ids)
from chunk
where workspace_id = %(workspace_id)s and state = 'open' and host <> %(host)s
order by opened_at, mailing_id, no limit %(rows_max)s
