-- From how many people on a launch needs two persons; null: never.
update workspace set two_persons_above = %(above)s where workspace_id = %(workspace_id)s
