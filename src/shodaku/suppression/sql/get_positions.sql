-- How many lines of each host's journal this database has. Few rows: a chore raises the floor every few seconds.
select h.host, coalesce(f.seq, 0) as floor, count(a.seq)::bigint as applied, greatest(coalesce(f.seq, 0), coalesce(max(a.seq), 0)) as high
from (select host from journal_floor union select host from journal_applied) h
left join journal_floor f on f.host = h.host
left join journal_applied a on a.host = h.host and a.seq > coalesce(f.seq, 0)
group by h.host, f.seq
