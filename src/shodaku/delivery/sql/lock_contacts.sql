-- Statement 1 of the gate: hold the people. SKIP LOCKED: who is just opting out or being erased goes back, the gate never waits.
-- FOR SHARE, not FOR KEY SHARE: a change of name or address must wait too.
select contact_id, family_name, given_name, company from contact
where workspace_id = %(workspace_id)s and contact_id = any(%(contact_ids)s::bigint[])
order by contact_id for share skip locked
