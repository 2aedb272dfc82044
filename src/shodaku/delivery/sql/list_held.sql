-- Mails that no other route may repeat, for somebody may have them already: what waits for a route by itself is told with it.
select route_id, sum(cardinality(contact_ids))::int as people
from chunk where workspace_id = %(workspace_id)s and state = 'planned' and route_fixed and route_id is not null
group by route_id order by route_id
