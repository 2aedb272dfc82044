-- Tables that this role may write anew, partitions one by one.
select relname from pg_class
where relnamespace = 'public'::regnamespace and relkind = 'r' and pg_has_role(relowner, 'usage') order by relname
