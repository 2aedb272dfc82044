-- Every table that can name a person, with the columns that somebody could read: keyed marks and sealed bodies say nothing.
select c.relname as table_name, array_agg(a.attname::text order by a.attnum) as columns
from pg_class c
join pg_attribute k on k.attrelid = c.oid and k.attname = 'contact_id' and not k.attisdropped
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     and a.attname not in ('workspace_id', 'contact_id') and a.atttypid <> 'bytea'::regtype
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
group by c.relname order by c.relname
