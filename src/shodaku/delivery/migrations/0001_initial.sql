-- From plan to result. chunk: intent, <= 500 contacts in one row; delivery: one final result per person and mailing, appended, never updated.
create table route (
    workspace_id int not null references workspace,
    route_id int not null generated always as identity,
    name text not null, host text not null, port int not null check (port between 1 and 65535),
    tls text not null check (tls in ('require', 'try', 'none')),
    username text not null default '',                     -- the password is a file: keys/route.<workspace>.<route>
    messages_per_second real check (messages_per_second > 0),
    connections smallint not null default 4 check (connections between 1 and 64),
    last_error text, last_error_at timestamptz,            -- one sentence of the worker's; null: it works
    created_at timestamptz not null,
    primary key (workspace_id, route_id)
);
select shodaku_guard('route');

-- What one sending is: a frozen content under one class. A campaign has one, so has each confirmation mail.
create table mailing (
    workspace_id int not null references workspace,
    mailing_id int not null generated always as identity,
    kind text not null check (kind in ('campaign', 'test', 'confirmation', 'welcome', 'notice')),
    message_class text not null, ads text not null check (ads in ('none', 'incidental', 'main')),
    promotional boolean not null,                          -- at most once; otherwise at least once under one Message-ID
    topic_id int, channel text not null, sender_id int not null,
    state text not null check (state in ('running', 'paused', 'cancelled', 'done')),
    week date not null,                                    -- Monday of the launch, the same for all its deliveries
    subject text not null, text text not null, html text, links text[] not null default '{}',
    subject_id bigint not null default 0,                  -- what its links are about: sign-up request, or 0
    frequency_max smallint, frequency_per text, double_opt_in boolean not null default true,
    planned int not null default 0,                        -- people at the launch
    launched_at timestamptz not null, ended_at timestamptz,
    primary key (workspace_id, mailing_id)
);
select shodaku_guard('mailing');

create table chunk (
    workspace_id int not null, mailing_id int not null, no bigint not null generated always as identity,
    state text not null default 'planned' check (state in ('planned', 'open', 'done')),
    contact_ids bigint[] not null,
    attempt smallint not null default 1, not_before timestamptz not null default '-infinity',
    fence int not null default 0,                          -- counts openings; a journal belongs to one opening
    host text, opened_at timestamptz,
    accepted int not null default 0, refused int not null default 0,   -- counted when settled: progress reads no deliveries
    failed int not null default 0, uncertain int not null default 0,
    primary key (workspace_id, mailing_id, no)
) with (fillfactor = 70);                                  -- state changes stay on the page
select shodaku_guard('chunk');
create index chunk_ready on chunk (workspace_id, mailing_id, not_before, no) where state = 'planned';
create index chunk_open on chunk (host) where state = 'open';

create table delivery (
    workspace_id int not null, contact_id bigint not null, mailing_id int not null, week date not null,
    topic_id int,                                          -- of advertising alone: what counts towards the promised frequency
    channel text not null,
    outcome text not null check (outcome in ('accepted', 'refused', 'failed', 'uncertain')),
    reason text not null,                                  -- of the permit, or of the refusal
    evidence_id bigint,                                    -- ledger entry that allowed it
    stage smallint, code smallint, reply text, attempt smallint not null, at timestamptz not null,
    primary key (workspace_id, contact_id, mailing_id, week)
) partition by range (week);
select shodaku_guard('delivery');
select shodaku_personal('delivery', 'reason', 'reply');
revoke update, delete, truncate on delivery from shodaku_app;

-- The application may not create tables; it may ask for the partition of a Monday.
create function delivery_partition(monday date) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare name text := 'delivery_' || to_char(monday, 'YYYYMMDD');
begin
    if extract(isodow from monday) <> 1 then
        raise exception 'not a Monday: %', monday;
    end if;
    if to_regclass(name) is null then
        perform pg_advisory_xact_lock(hashtext('delivery_partition'));
        execute format('create table if not exists %I partition of delivery for values from (%L) to (%L)', name, monday, monday + 7);
        perform shodaku_guard(name::regclass);
        execute format('revoke update, delete, truncate on %I from shodaku_app', name);
    end if;
end $$;
revoke all on function delivery_partition(date) from public;
grant execute on function delivery_partition(date) to shodaku_app;

create function erase_deliveries(erased_workspace int, erased_contact bigint) returns bigint
language sql security definer set search_path = public, pg_temp as $$
    with gone as (delete from delivery where workspace_id = erased_workspace and contact_id = erased_contact returning 1)
    select count(*) from gone
$$;
revoke all on function erase_deliveries(int, bigint) from public;
grant execute on function erase_deliveries(int, bigint) to shodaku_app;

-- After a crash a worker looks for the chunks its host had opened, before it knows whose they are: ids alone.
create policy own_host on chunk for select using (host = nullif(current_setting('shodaku.host', true), ''));
