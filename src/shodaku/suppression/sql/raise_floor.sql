-- Rows without a gap become one number.
insert into journal_floor as f (host, seq)
select host, max(seq) from (
    select a.host, a.seq, coalesce(o.seq, 0) + row_number() over (partition by a.host order by a.seq) as expected
    from journal_applied a left join journal_floor o on o.host = a.host where a.seq > coalesce(o.seq, 0)
) numbered where seq = expected group by host
on conflict (host) do update set seq = greatest(f.seq, excluded.seq)
