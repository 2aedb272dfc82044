-- Pictures that mails and public pages show from our own address, drawn anew when they came; and how a workspace looks.
create table picture (
    workspace_id int not null references workspace,
    image_id uuid not null,                                -- of version 7: they sort by when they came
    token text not null unique check (token ~ '^[A-Za-z0-9_-]{24}$'),  -- its public address; see content/media.py
    media_type text not null check (media_type in ('image/jpeg', 'image/png')),
    width_px int not null check (width_px between 1 and 1600), height_px int not null check (height_px between 1 and 8000),
    alt text not null default '' check (length(alt) <= 200),  -- empty: nobody described it yet, and it is offered nowhere
    body bytea not null check (octet_length(body) between 1 and 3 * 1024 * 1024),
    small bytea not null check (octet_length(small) between 1 and 1024 * 1024),
    added_at timestamptz not null,
    put_away_at timestamptz,                               -- offered no more; what was sent or drafted still shows it
    primary key (workspace_id, image_id)
);
alter table picture alter column body set storage external, alter column small set storage external;  -- compressed already
create index picture_offered on picture (workspace_id, image_id desc) where put_away_at is null and alt <> '';
create index picture_undescribed on picture (workspace_id, image_id) where put_away_at is null and alt = '';
select shodaku_guard('picture');

create table shown_picture (                               -- which sent mailings show it: noted at their launch
    workspace_id int not null, image_id uuid not null, mailing_id int not null,
    primary key (workspace_id, image_id, mailing_id),
    foreign key (workspace_id, image_id) references picture on delete cascade
);
select shodaku_guard('shown_picture');

create table brand (                                       -- none: the usual colour and fonts, and no logo
    workspace_id int primary key references workspace,
    colour text not null check (colour ~ '^#[0-9a-f]{6}$'),
    font text not null check (font in ('gothic', 'mincho', 'rounded')),
    logo uuid,
    saved_at timestamptz not null,
    foreign key (workspace_id, logo) references picture
);
select shodaku_guard('brand');
