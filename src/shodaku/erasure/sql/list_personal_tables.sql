-- Every table that can name a person, from the catalogue. The erasure itself knows the number until it is certified.
select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'contact_id' and not a.attisdropped
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'erasure'
order by c.relname
