-- What a campaign wants to know of those who allow measuring; of all others it learns nothing.
alter table campaign
    add column click_links boolean not null default false,
    add column open_pixel boolean not null default false;
