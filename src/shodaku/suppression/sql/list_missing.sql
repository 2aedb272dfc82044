-- Numbers of one host's journal that this database lacks, the first ones.
select n.seq from (select coalesce((select f.seq from journal_floor f where f.host = %(host)s), 0) as seq) floor,
     lateral generate_series(floor.seq + 1, %(last)s::bigint) as n (seq)
where n.seq > %(after)s and not exists (select from journal_applied a where a.host = %(host)s and a.seq = n.seq)
order by n.seq limit %(most)s
