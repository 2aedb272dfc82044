-- How often a coupon was used, on which day. A coupon in a mail is one code for everybody, so nobody stands beside it: nothing to be erased with a person.
create table coupon_use (
    workspace_id int not null references workspace,
    use_no bigint not null generated always as identity,
    code text not null check (char_length(code) between 1 and 60),           -- as contacts.coupons writes it, whatever the width and case of its letters
    used_on date not null,
    times int not null check (times between 1 and 100000),
    same text check (same ~ '^[0-9a-f]{32}$'),             -- of the receipt: one that is told twice counts once
    noted_by int, noted_at timestamptz not null,           -- staff; null: a program or a command
    primary key (workspace_id, use_no)
);
select shodaku_guard('coupon_use');
create index coupon_use_code on coupon_use (workspace_id, code, used_on) include (times);
create unique index coupon_use_same on coupon_use (workspace_id, code, same) where same is not null;
