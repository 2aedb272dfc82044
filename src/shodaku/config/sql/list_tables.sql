-- Keys, references, triggers and narrow numbers of every table of ours, from the catalogue: what a server of Citus would ask about them.
select c.relname as name,
    coalesce((select jsonb_agg((select jsonb_agg(a.attname order by k.place)
                                from unnest(i.indkey::int2[]) with ordinality k (number, place)
                                join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number))
              from pg_index i where i.indrelid = c.oid and i.indisunique), '[]') as keys,
    coalesce((select jsonb_agg(jsonb_build_object(
                  'columns', (select jsonb_agg(a.attname order by k.place) from unnest(f.conkey) with ordinality k (number, place)
                              join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.number),
                  'table', f.confrelid::regclass::text,
                  'their_columns', (select jsonb_agg(a.attname order by k.place) from unnest(f.confkey) with ordinality k (number, place)
                                    join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.number)))
              from pg_constraint f where f.conrelid = c.oid and f.contype = 'f' and f.conparentid = 0), '[]') as "references",
    coalesce((select jsonb_agg(t.tgname) from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal), '[]') as triggers,
    coalesce((select jsonb_agg(a.attname) from pg_attribute a
              where a.attrelid = c.oid and a.attidentity <> '' and a.atttypid <> 'bigint'::regtype), '[]') as narrow
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname not like 'procrastinate%%'
order by c.relname
