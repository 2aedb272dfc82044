-- How often each reason was given stands with the batch, as the verdicts do: a page counts no million rows, and a row that only waits needs
-- none in import_row (7 us of 50 in the database). Batches of before have null, and all their rows.
alter table import_batch add column reasons jsonb;         -- "verdict reason" -> rows

-- Two objects of counts become one.
create function shodaku_counts_added(one jsonb, other jsonb) returns jsonb language sql immutable as $$
    select coalesce(jsonb_object_agg(each.name, each.n), '{}') from (
        select name, sum(n::bigint) as n
        from (select * from jsonb_each_text(one) union all select * from jsonb_each_text(other)) as both_of (name, n)
        group by name) as each
$$;
