-- The sealed evidence of how many people is destroyed in each span; a span is counted up to its limit.
select c.count from unnest(%(since)s::timestamptz[], %(until)s::timestamptz[]) with ordinality as span (since, until, place)
cross join lateral (select count(*) as count from (
    select from sealed s where s.workspace_id = %(workspace_id)s
      and s.destroy_after >= span.since and s.destroy_after < span.until limit %(most)s) counted) c
order by span.place
