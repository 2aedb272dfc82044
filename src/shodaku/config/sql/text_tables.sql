-- Every table this role may read, partitions included: the demonstration searches them all for an erased address.
select c.relname from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and has_table_privilege(c.oid, 'select')
order by c.relname
