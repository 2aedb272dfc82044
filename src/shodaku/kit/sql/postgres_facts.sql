-- What `doctor` prints about the running database; templates are not counted, nobody writes to them.
select
    split_part(version(), ' on ', 1) as version,
    (select pg_size_pretty(sum(pg_database_size(oid))) from pg_database where not datistemplate) as size,
    to_char(checkpoint_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as last_checkpoint
from pg_control_checkpoint();
