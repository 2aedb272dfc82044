-- How far this database is in each host's journal, without a gap; hosts that wrote nothing yet stand there with 0.
select h.host, coalesce(max(n.seq), h.floor) from (
    select host, max(floor) as floor from (select host, seq as floor from journal_floor union all select host, 0 from journal_applied) each group by host
) h
left join lateral (
    select a.seq, row_number() over (order by a.seq) as place from journal_applied a where a.host = h.host and a.seq > h.floor
) n on n.seq = h.floor + n.place
group by h.host, h.floor order by h.host
