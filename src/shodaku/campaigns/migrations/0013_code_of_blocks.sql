-- Which states are code, asked at each save: a mail that was turned from blocks into code keeps its last blocks, to be taken back.
alter table campaign_revision add column as_code boolean not null generated always as (document ? 'language') stored;
