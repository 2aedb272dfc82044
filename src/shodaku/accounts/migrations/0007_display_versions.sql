-- What messages say of who sends them, as it stood at each time; a mailing keeps the one it was frozen with.
create table sender_version (
    workspace_id int not null, sender_id int not null,
    version int not null check (version > 0),
    formal_name text not null, display_name text not null,
    from_address text not null, mail_domain text not null,
    postal_address text not null,
    contact_email text not null, contact_phone text not null, contact_url text not null,
    responsible_person text not null, sales_terms_url text not null,
    created_at timestamptz not null,
    primary key (workspace_id, sender_id, version),
    foreign key (workspace_id, sender_id) references sender
);
alter table sender no force row level security;            -- whoever migrates sees no rows of workspaces otherwise
insert into sender_version (workspace_id, sender_id, version, formal_name, display_name, from_address, mail_domain, postal_address,
                            contact_email, contact_phone, contact_url, responsible_person, sales_terms_url, created_at)
select workspace_id, sender_id, 1, formal_name, display_name, from_address, mail_domain, postal_address,
       contact_email, contact_phone, contact_url, responsible_person, sales_terms_url, updated_at from sender;
alter table sender force row level security;
select shodaku_guard('sender_version');
revoke update, delete, truncate on sender_version from shodaku_app;
