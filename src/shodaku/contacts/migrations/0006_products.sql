-- What can be bought, and which of it somebody bought. Purchases from before have a title alone.
create table product (
    workspace_id int not null references workspace,
    product_id int not null generated always as identity,
    code text not null check (char_length(code) between 1 and 40),            -- as the shop calls it; it never changes
    name text not null check (char_length(name) between 1 and 100),
    url text not null default '',
    kind text not null check (kind in ('course', 'goods', 'service', 'event', 'other')),
    created_at timestamptz not null, archived_at timestamptz,                 -- archived: not offered any more, its buyers stay its buyers
    primary key (workspace_id, product_id),
    unique (workspace_id, code)
);
select shodaku_guard('product');
revoke delete, truncate on product from shodaku_app;

alter table purchase
    add column product_id int,
    add column reference text,                             -- the order of the shop, or what tells one purchase from another: the same file twice counts once
    add column currency text not null default 'JPY' check (currency ~ '^[A-Z]{3}$'),
    add column paid numeric(14, 2),                        -- in that currency; null: amount_yen says it
    add check ((currency = 'JPY') = (paid is null)),
    add foreign key (workspace_id, product_id) references product;
select shodaku_personal('purchase', 'title', 'amount_yen', 'at', 'reference', 'currency', 'paid');
create unique index purchase_reference on purchase (workspace_id, contact_id, reference) where reference is not null;
alter table purchase alter column reference set statistics 0, alter column currency set statistics 0;
