-- Files of a campaign, by their names in the mail; the bodies lie with the content.
create table campaign_file (
    workspace_id int not null, campaign_id int not null,
    name text not null check (length(name) <= 100), media_type text not null, bytes int not null, sha256 text not null,
    added_at timestamptz not null,
    primary key (workspace_id, campaign_id, name),
    foreign key (workspace_id, campaign_id) references campaign on delete cascade,
    foreign key (workspace_id, sha256) references carried_file
);
create index campaign_file_body on campaign_file (workspace_id, sha256);
select shodaku_guard('campaign_file');
