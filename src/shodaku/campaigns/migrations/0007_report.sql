-- What became of a campaign, as a chore counted it: a page of figures reads one row. And which count a launch rested on.
create table campaign_report (
    workspace_id int not null, campaign_id int not null,
    counts jsonb not null,                                 -- name -> number, see campaigns.report_figures; an erasure makes none of them smaller
    at timestamptz not null,
    ended boolean not null,                                -- nothing of it was on its way any more when it was counted
    due_at timestamptz,                                    -- when it is counted again; null: not by itself
    primary key (workspace_id, campaign_id),
    foreign key (workspace_id, campaign_id) references campaign
);
select shodaku_guard('campaign_report');

alter table campaign add column launch_preflight_id bigint;    -- null: a draft, or launched before there was this column
