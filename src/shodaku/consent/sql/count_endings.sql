-- How many consents end in each span, by the index of those that have a day; a span is counted up to its limit.
select c.count from unnest(%(since)s::timestamptz[], %(until)s::timestamptz[]) with ordinality as span (since, until, place)
cross join lateral (select count(*) as count from (
    select from consent k where k.workspace_id = %(workspace_id)s and k.state = 'active' and k.expires_at is not null
      and k.expires_at >= span.since and k.expires_at < span.until limit %(most)s) counted) c
order by span.place
