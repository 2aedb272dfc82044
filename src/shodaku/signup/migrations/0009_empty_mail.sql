-- Signing up by an empty mail: an address for each form, and requests that a mail began.
create table form_mail (
    workspace_id int not null, form_id int not null,
    code text not null unique check (code ~ '^[a-hjkmnp-z2-9]{6}$'),  -- of all workspaces: two may share a domain
    domain text not null,
    checked_by text not null,                              -- the server of ours whose Authentication-Results are believed
    opened_at timestamptz not null, opened_by int, closed_at timestamptz,
    asked int not null default 0,                          -- mails that were answered with a link
    unproved int not null default 0, unproved_at timestamptz,  -- mails that nobody vouched for: they were not answered
    primary key (workspace_id, form_id),
    foreign key (workspace_id, form_id) references form
);
select shodaku_guard('form_mail');

-- 'mail': nothing was ticked yet; the page behind the link shows the wording, and asks for what is wanted.
alter table signup_request add column way text not null default 'form' check (way in ('form', 'mail'));
alter table signup_request add check (way = 'form' or form_id is not null);
