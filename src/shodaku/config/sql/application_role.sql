-- How strong the role is that works: row-level security stops neither a superuser nor a table's owner, nor who may act as one.
select current_user::text as name, r.rolsuper as superuser, r.rolbypassrls as bypasses,
       current_setting('server_version') as version,
       (select count(*) from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and (c.relowner = r.oid or not r.rolsuper and pg_has_role(c.relowner, 'usage')))::int as owned
from pg_roles r where r.rolname = current_user
