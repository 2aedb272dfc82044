-- Which table must be filled before which.
select distinct t.relname, r.relname from pg_constraint k join pg_class t on t.oid = k.conrelid join pg_class r on r.oid = k.confrelid
where k.contype = 'f' and k.connamespace = 'public'::regnamespace and k.conparentid = 0 and t.oid <> r.oid
