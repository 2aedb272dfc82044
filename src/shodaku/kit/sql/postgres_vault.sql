-- Database "vault", by the superuser: its one role owns the schema too.
alter schema public owner to shodaku_vault;
revoke all on schema public from public;
