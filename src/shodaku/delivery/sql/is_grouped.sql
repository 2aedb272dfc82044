-- Does any limit hold for a group of receivers? Then a plan keeps groups apart.
select exists (select from pace where workspace_id = %(workspace_id)s and domain_group <> '')
    or exists (select from warm_up where workspace_id = %(workspace_id)s)
