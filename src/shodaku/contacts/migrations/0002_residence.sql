-- What a recipient's law asks about the recipient: residence, age, consumer or business, clock; absent means not known.
alter table contact
    add column country text check (country ~ '^[A-Z]{2}$'),
    add column country_from smallint check (country_from between 1 and 5),  -- LAW.md section 8: 1 contract party … 5 language or phone prefix
    add column kind text not null default 'person' check (kind in ('person', 'organisation', 'sole_trader')),
    add column birth_date date,
    add column timezone text,
    add column tracking_consent_at timestamptz,            -- agreed that opening is measured; null: did not
    add check ((country is null) = (country_from is null));
select shodaku_personal('contact', 'country', 'kind', 'birth_date', 'timezone', 'tracking_consent_at');
do $$
declare one record;
begin
    for one in select workspace_id from workspace loop     -- row-level security binds the owner too
        perform set_config('shodaku.workspace', one.workspace_id::text, true);
        update contact set country = 'JP', country_from = 5 where locale = 'ja';
    end loop;
    perform set_config('shodaku.workspace', '', true);
end $$;

alter table address
    add column generated boolean not null default false,   -- made by a program from a pattern: 特定電子メール法6条
    drop constraint address_channel_check,
    add constraint address_channel_check check (channel in ('email', 'sms', 'fax'));
