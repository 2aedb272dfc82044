-- Links that were followed and pixels that were fetched, of people who allow measuring: no IP address, no program's name, no evidence.
create table hit (
    workspace_id int not null, contact_id bigint not null,
    hit_no bigint not null generated always as identity,
    mailing_id int not null,
    link smallint not null check (link >= -1),             -- its number in the message; -1: the pixel
    actor text not null check (actor in ('human', 'bot', 'prefetch')),
    at timestamptz not null,
    primary key (workspace_id, contact_id, hit_no),
    foreign key (workspace_id, contact_id) references contact
);
select shodaku_guard('hit');
select shodaku_personal('hit', 'actor', 'at');
revoke update, truncate on hit from shodaku_app;
create index hit_mailing on hit (workspace_id, mailing_id, link, contact_id);
