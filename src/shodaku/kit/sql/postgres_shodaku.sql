-- Database "shodaku", by the superuser: the owner's schema, in which the application may use what it is given and create nothing.
create extension if not exists pg_trgm;
alter schema public owner to shodaku_owner;
revoke all on schema public from public;
grant usage on schema public to shodaku_app;
