-- How many read a topic, counted every ten minutes where there are too many consents to count while somebody waits.
create table topic_count (
    workspace_id int not null, topic_id int not null,
    active int not null, pending int not null, counted_at timestamptz not null,
    primary key (workspace_id, topic_id),
    foreign key (workspace_id, topic_id) references topic
);
select shodaku_guard('topic_count');
