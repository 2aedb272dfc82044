-- Addresses that a machine said to be dead: where it is believed no more soon after, they live again.
create table bounce_ended (
    workspace_id int not null, contact_id bigint not null,
    channel text not null, source inet not null, at timestamptz not null,
    primary key (workspace_id, contact_id, channel),
    foreign key (workspace_id, contact_id) references contact
);
select shodaku_guard('bounce_ended');
select shodaku_personal('bounce_ended', 'channel', 'at');
create index bounce_ended_source on bounce_ended (workspace_id, source);
