-- Still ours to recover? Held until the results are in.
select c.contact_ids, c.attempt, c.opened_at, m.promotional, m.topic_id, m.channel, m.week, c.route_id, c.domain_group, c.crashes
from chunk c join mailing m on m.workspace_id = c.workspace_id and m.mailing_id = c.mailing_id
where c.workspace_id = %(workspace_id)s and c.mailing_id = %(mailing_id)s and c.no = %(no)s and c.fence = %(fence)s and c.state = 'open'
for update of c
