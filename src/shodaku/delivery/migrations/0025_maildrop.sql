-- Mails of a mailbox that is read by POP3, which knows no mark of what was read: each by a digest of its lasting name (UIDL, RFC 1939).
create table mailbox_mail (
    workspace_id int not null references workspace,
    name text not null,                                    -- of the mailbox
    mail text not null check (length(mail) = 32),          -- first half of the SHA-256 of the UIDL, in hex
    state text not null check (state in ('tried', 'done', 'kept')),  -- tried: the connection broke over it; kept: a human has to read it there
    tries smallint not null, at timestamptz not null,
    primary key (workspace_id, name, mail)
);
select shodaku_guard('mailbox_mail');
