-- How many questions whether to go on end unanswered in each span; a span is counted up to its limit.
select c.count from unnest(%(since)s::timestamptz[], %(until)s::timestamptz[]) with ordinality as span (since, until, place)
cross join lateral (select count(*) as count from (
    select from reconfirmation r where r.workspace_id = %(workspace_id)s and r.state = 'asked'
      and r.answer_until >= span.since and r.answer_until < span.until limit %(most)s) counted) c
order by span.place
