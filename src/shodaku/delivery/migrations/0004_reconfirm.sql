-- One more kind of mailing: the one that asks, after a long silence, whether to go on.
alter table mailing
    drop constraint mailing_kind_check,
    add constraint mailing_kind_check check (kind in ('campaign', 'test', 'confirmation', 'welcome', 'reconfirm', 'notice'));
