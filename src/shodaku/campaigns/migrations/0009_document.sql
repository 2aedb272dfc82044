-- A campaign in blocks: what was written, each time it was saved. The HTML and the text of the campaign are made of the newest.
alter table campaign add column revision int check (revision > 0);   -- number of the newest; null: it is no campaign in blocks
create table campaign_revision (
    workspace_id int not null, campaign_id int not null, revision int not null check (revision > 0),
    document jsonb not null,                               -- content.document reads it
    saved_by int, saved_at timestamptz not null,
    primary key (workspace_id, campaign_id, revision),
    foreign key (workspace_id, campaign_id) references campaign on delete cascade
);
select shodaku_guard('campaign_revision');
