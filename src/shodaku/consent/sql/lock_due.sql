-- Consents whose promised end has come, with the contacts held: whoever is just opting out or renewing goes first.
select k.contact_id, k.topic_id, k.channel, k.expires_at
from consent k join contact c on c.workspace_id = k.workspace_id and c.contact_id = k.contact_id
where k.workspace_id = %(workspace_id)s and k.state = 'active' and k.expires_at <= %(now)s
order by k.contact_id limit %(rows_max)s for update of c skip locked
