-- In the transaction of the portion: counts of verdicts add up.
update import_batch set rows_done = rows_done + %(rows)s, line_done = %(line)s,
    counts = (select jsonb_object_agg(verdict, n) from (
        select verdict, sum(n::int) as n
        from (select * from jsonb_each_text(counts) union all select * from jsonb_each_text(%(counts)s)) both_of (verdict, n)
        group by verdict) as sums)
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s
