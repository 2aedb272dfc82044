-- A report that would end an address, or proves nothing: counted at its source, in one step, for several come at once.
insert into bounce_source as kept (workspace_id, source, since, hard, unproved, domains, held)
values (%(workspace_id)s, %(source)s::inet, %(now)s, %(hard)s, %(unproved)s, %(domains)s::text[], 0)
on conflict (workspace_id, source) do update
set since = case when kept.since < %(after)s then excluded.since else kept.since end,
    hard = case when kept.since < %(after)s then 0 else least(kept.hard, 1000000) end + excluded.hard,
    unproved = case when kept.since < %(after)s then 0 else least(kept.unproved, 1000000) end + excluded.unproved,
    domains = case when kept.since < %(after)s then excluded.domains
        when cardinality(kept.domains) >= %(domains_max)s or kept.domains @> excluded.domains then kept.domains
        else kept.domains || excluded.domains end
returning hard, unproved, cardinality(domains) as domains, quarantined_until > %(now)s as quarantined, trusted_until > %(now)s as trusted
