-- Sent campaigns that their authors show to everybody: a copy without merge fields, display or links of anybody's own.
create table back_number (
    workspace_id int not null, back_number_id int not null generated always as identity,
    campaign_id int not null, topic_id int not null,
    subject text not null, text text not null, html text,
    sent_at timestamptz not null, published_at timestamptz not null,
    primary key (workspace_id, back_number_id),
    unique (workspace_id, campaign_id),
    foreign key (workspace_id, topic_id) references topic
);
create index back_number_listed on back_number (workspace_id, topic_id, sent_at desc, back_number_id desc);
select shodaku_guard('back_number');

create table archive_choice (                              -- none: search engines are asked to stay away
    workspace_id int not null, topic_id int not null,
    found_by_search boolean not null, chosen_at timestamptz not null,
    primary key (workspace_id, topic_id),
    foreign key (workspace_id, topic_id) references topic
);
select shodaku_guard('archive_choice');
