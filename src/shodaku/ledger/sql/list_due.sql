-- Which workspaces wait: a loose index scan, one row each however many entries there are.
with recursive each as (
    (select workspace_id from ledger_pending order by workspace_id limit 1)
    union all
    select (select p.workspace_id from ledger_pending p where p.workspace_id > each.workspace_id order by p.workspace_id limit 1)
    from each where each.workspace_id is not null
)
select workspace_id from each where workspace_id is not null limit %(rows_max)s
