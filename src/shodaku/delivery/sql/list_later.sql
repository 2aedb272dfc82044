-- What of a mailing waits for another day, by the route and the receivers it waits for.
select route_id, coalesce(domain_group, %(other)s) as domain_group, sum(cardinality(contact_ids))::int as people
from chunk
where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and state = 'planned' and attempt = 1 and route_id is not null
  and not_before >= (clock_timestamp() at time zone 'UTC')::date::timestamp at time zone 'UTC' + interval '1 day'
group by 1, 2 order by 1, 2
