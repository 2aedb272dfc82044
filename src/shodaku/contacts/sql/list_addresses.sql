-- A person's addresses.
select contact_id, channel, value, wire, token, broad_token, invalid_at, pepper_epoch
from address where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s order by channel
