-- Which database of which cluster this is: a copy of its rows elsewhere has another one.
select system_identifier::text || '-' || (select oid::text from pg_database where datname = current_database()) from pg_control_system()
