-- Mondays of which deliveries have a partition.
select substring(pg_get_expr(c.relpartbound, c.oid) from '\(''(\d{4}-\d\d-\d\d)''\)') from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'delivery'::regclass order by 1
