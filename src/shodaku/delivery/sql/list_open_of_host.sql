-- Chunks that this host had opened, of whatever shop: the policy own_host shows ids alone before anything else is known.
select workspace_id, mailing_id, no, fence
from chunk where state = 'open' and host = %(host)s order by workspace_id, mailing_id, no
