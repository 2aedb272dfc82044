-- The gate's row belongs to this database from now on.
update fence set database_id = %(database_id)s where database_id is distinct from %(database_id)s
