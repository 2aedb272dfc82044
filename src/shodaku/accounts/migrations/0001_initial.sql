-- Who sends and who works here.
create table workspace (                                   -- the register of the installation: no personal column, no policy
    workspace_id int primary key generated always as identity,
    slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    name text not null,
    locale text not null default 'ja' check (locale in ('ja', 'en')),
    timezone text not null default 'Asia/Tokyo',
    on_opt_out text not null default 'stop' check (on_opt_out in ('stop', 'stop_all', 'erase')),
    opt_out_note text not null default '',                 -- why everything ends, shown beside the button
    second_factor_required boolean not null default true,  -- off in the demonstration alone
    b2c_mail_order boolean not null default false,
    created_at timestamptz not null
);
revoke delete, truncate on workspace from shodaku_app;

create table sender (                                      -- the legal identity that sends
    workspace_id int not null references workspace,
    sender_id int not null generated always as identity,
    formal_name text not null, display_name text not null,
    postal_address text not null,
    contact_email text not null, contact_phone text not null, contact_url text not null default '',
    from_address text not null, mail_domain text not null,
    privacy_policy_version text not null default '1', privacy_policy text not null default '',
    created_at timestamptz not null, updated_at timestamptz not null,
    primary key (workspace_id, sender_id)
);
select shodaku_guard('sender');

create table membership (
    workspace_id int not null references workspace,
    staff_id int not null references staff,
    role text not null check (role in ('owner', 'marketer', 'clerk', 'compliance', 'developer')),
    created_at timestamptz not null,
    primary key (workspace_id, staff_id)
);
select shodaku_guard('membership');
-- Sign-in knows the person before the workspace: one may see where one belongs, and nothing else there.
create policy own_membership on membership for select using (staff_id = nullif(current_setting('shodaku.staff', true), '')::int);
