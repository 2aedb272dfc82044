-- As list_addresses, of several people.
select contact_id, channel, value, wire, token, broad_token, invalid_at, pepper_epoch
from address where workspace_id = %(workspace_id)s and contact_id = any(%(contacts)s::bigint[]) order by contact_id, channel
