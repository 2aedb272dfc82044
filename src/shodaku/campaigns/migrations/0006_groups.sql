-- Of who may receive it, how many have their mailbox with which receivers: limits hold for groups of them, so the time it takes is told from these.
alter table preflight
    add column groups jsonb,                               -- group -> people; null: counted before there was this column
    add constraint preflight_groups_add_up check (groups is null or people_in(groups) = sendable);
