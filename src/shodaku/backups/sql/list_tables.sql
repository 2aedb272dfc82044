-- Every table of ours, a partitioned one by its parent, with the columns that are stored; what a program reads to save and load all there is.
select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns,
       coalesce(bool_or(a.attname = 'workspace_id'), false) as of_workspaces, c.relforcerowsecurity as forced, c.relkind = 'p' as partitioned
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
group by c.oid, c.relname order by c.relname
