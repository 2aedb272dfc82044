-- Who else is connected to this database; what they do is not shown to their owner, that they are there is.
select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and usename is not null
