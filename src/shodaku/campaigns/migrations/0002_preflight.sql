-- A count over everybody runs in the background: how far it is, under which rules, what other rules would change, who is behind a number.
create function people_in(reasons jsonb) returns bigint language sql immutable strict parallel safe as $$
    select coalesce(sum(value::bigint), 0)::bigint from jsonb_each_text(reasons)
$$;

alter table preflight
    add column state text not null default 'done' check (state in ('waiting', 'running', 'done', 'ended')),  -- ended: it answers nothing any more
    add column run int not null default 0,                 -- counts beginnings: who counts under an older one has lost it
    add column seen int,                                   -- people looked at so far; null: counted in one go, all of them
    add column allowed jsonb,                              -- reason -> people, of those who may receive it
    add column pack text, add column rules_sha256 text,    -- the rules it was counted by: their name, and all that may loosen them
    add column other_pack text, add column other_tightened jsonb,  -- the same facts under these as well
    add column other_reasons jsonb,                        -- reason -> people under the other rules
    add column moved jsonb,                                -- reason -> reason under the other rules -> people, where the two differ
    add constraint preflight_adds_up check (sendable + people_in(reasons) = coalesce(seen, chosen)),
    add constraint preflight_allowed_adds_up check (allowed is null or people_in(allowed) = sendable),
    add constraint preflight_other_adds_up check (other_reasons is null or people_in(other_reasons) = seen),
    add constraint preflight_whole check (state <> 'done' or seen is null or seen = chosen);

-- Who is behind a number: of reasons that hold somebody back or change what they get. Only of the newest count of a draft.
create table preflight_member (
    workspace_id int not null, campaign_id int not null, preflight_id bigint not null,
    reason text not null, part int not null,
    contact_ids bigint[] not null check (cardinality(contact_ids) <= 5000),  -- ascending, over the parts too
    lowest bigint generated always as (contact_ids[1]) stored,               -- erasure finds a person without reading the arrays
    highest bigint generated always as (contact_ids[cardinality(contact_ids)]) stored,
    primary key (workspace_id, preflight_id, reason, part),
    foreign key (workspace_id, campaign_id, preflight_id) references preflight
);
select shodaku_guard('preflight_member');
select shodaku_personal('preflight_member', 'reason', 'contact_ids');
