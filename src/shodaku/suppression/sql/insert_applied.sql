-- In the transaction of the act: a database that was restored to before it does not have the row.
insert into journal_applied (host, seq, at)
select each.host, each.seq, clock_timestamp() from unnest(%(hosts)s::text[], %(seqs)s::bigint[]) as each (host, seq)
on conflict (host, seq) do nothing
