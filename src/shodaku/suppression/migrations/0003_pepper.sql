-- Epochs of the pepper with what tells a wrong one, what a workspace blocks besides single addresses, and who asked the list.
create table pepper_check (                                -- a fixed text under all layers up to this one; of the installation
    epoch smallint primary key check (epoch > 0),
    mark bytea not null
);
revoke update, delete, truncate on pepper_check from shodaku_app;

-- A new workspace begins with every layer there is: an older pepper may have been seen by others.
create function shodaku_newest_pepper() returns smallint language sql as $$ select coalesce(max(epoch), 1::smallint) from pepper_check $$;
alter table workspace alter column pepper_epoch set default shodaku_newest_pepper();

-- The layers of a workspace as they stay until the commit of who asks.
create function shodaku_pepper_layers(whose int) returns table (epoch smallint, mark bytea) language plpgsql as $$
declare upto smallint;
begin
    upto := shodaku_pepper_epoch(whose);
    return query select upto, null::bytea
                 union all select c.epoch, c.mark from pepper_check c where c.epoch <= upto order by 1, 2 nulls first;
end $$;

create table suppression_block (                           -- addresses that share a form, such as *@example.jp; no single person
    workspace_id int not null references workspace,
    block_no int not null generated always as identity,
    kind text not null check (kind in ('domain', 'pattern')),
    value text not null check (char_length(value) between 1 and 100),
    reason text not null default '' check (char_length(reason) <= 200),
    at timestamptz not null, by text not null,
    primary key (workspace_id, block_no),
    unique (workspace_id, value)
);
select shodaku_guard('suppression_block');
revoke update, truncate on suppression_block from shodaku_app;

-- A mark that a block made stands beside one for any other reason: who lifts the block lifts nobody's own no.
alter table suppression
    add column block_no int not null default 0,
    drop constraint suppression_pkey,
    add constraint suppression_pkey primary key (workspace_id, token, block_no),
    drop constraint suppression_reason_check,
    add constraint suppression_reason_check
        check (reason in ('erased', 'refused', 'complaint', 'bounce', 'staff', 'imported', 'blocked') and (reason = 'blocked') = (block_no <> 0));
create index suppression_blocked on suppression (workspace_id, block_no) where block_no <> 0;
create trigger suppression_pepper after insert on suppression
    referencing new table as written for each statement execute function shodaku_refuse_old_pepper();

-- Does a block cover this key of an address? A star stands for any letters; nothing else is special.
create function shodaku_blocks(kind text, value text, key text) returns boolean language sql immutable as $$
    select case kind when 'domain' then split_part(key, '@', 2) = value
                     else key like replace(replace(replace(replace(value, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%') end
$$;

-- Whoever brings an address in, by whatever way: a block covers it from its first moment, so the gate needs no look of its own.
-- After address_pepper, which by its name runs before this one and has waited for a block that is just being made.
create function shodaku_mark_blocked() returns trigger language plpgsql as $$
begin
    if exists (select from suppression_block) then
        insert into suppression (workspace_id, token, strength, norm, pepper_epoch, reason, at, block_no)
        select distinct w.workspace_id, w.token, 'strict', w.norm, w.pepper_epoch, 'blocked', w.created_at, b.block_no
        from written w join suppression_block b on b.workspace_id = w.workspace_id and shodaku_blocks(b.kind, b.value, w.key)
        where w.channel = 'email'
        on conflict do nothing;
    end if;
    return null;
end $$;
create trigger address_pepper_then_block after insert on address
    referencing new table as written for each statement execute function shodaku_mark_blocked();

create table suppression_question (                        -- who may ask can find out who opted out: so each question is counted
    workspace_id int not null references workspace,
    question_no bigint not null generated always as identity,
    asked_by text not null, at timestamptz not null,
    primary key (workspace_id, question_no)
);
select shodaku_guard('suppression_question');
create index suppression_question_by on suppression_question (workspace_id, asked_by, at);
revoke update, truncate on suppression_question from shodaku_app;
