-- From how many people on a launch needs two persons; null: never.
select two_persons_above from workspace where workspace_id = %(workspace_id)s
