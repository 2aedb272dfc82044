-- The application may read and write rows of tables made by the owner, and nothing more; single rooms take back what must not be changed.
grant usage on schema public to shodaku_app;
alter default privileges in schema public grant select, insert, update, delete on tables to shodaku_app;
alter default privileges in schema public grant usage, select on sequences to shodaku_app;
