-- What tells two running copies of one installation apart, and what a restored one still has to be told. Of the installation.
create table lease (                                       -- marks that this database left beside the copies of the journal, of the last day
    nonce text primary key, at timestamptz not null
);
revoke update, truncate on lease from shodaku_app;

create table restored_position (                           -- how far each host's journal was when the backup was made: it must be read from there on
    host text primary key, seq bigint not null check (seq >= 0)
);
revoke insert, update, truncate on restored_position from shodaku_app;
