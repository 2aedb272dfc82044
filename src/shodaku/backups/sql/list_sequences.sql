-- The last number that each sequence gave, 0 for none, and how far it may go; of the tables that are carried, and of nobody's table.
select s.sequencename::text, coalesce(s.last_value, 0), s.max_value
from pg_sequences s
left join pg_depend d on d.objid = format('%%I.%%I', s.schemaname, s.sequencename)::regclass and d.classid = 'pg_class'::regclass
    and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
left join pg_class t on t.oid = d.refobjid
where s.schemaname = 'public' and (t.relname is null or t.relname = any(%(tables)s::text[]))
order by 1
