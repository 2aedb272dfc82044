-- Tables that this role may write anew, partitions one by one; and last, where the database is its own, the planner's examples.
select relname from (
    select relname, 1 as place from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and pg_has_role(relowner, 'usage')
    union all
    select 'pg_statistic', 2 from pg_database where datname = current_database() and pg_has_role(datdba, 'usage')) found
order by place, relname
