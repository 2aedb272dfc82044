-- Named people, ids ascending: the order in which their locks are taken.
insert into chunk (workspace_id, mailing_id, contact_ids, domain_group)
values (%(workspace_id)s, %(mailing_id)s, %(contact_ids)s::bigint[], %(domain_group)s) returning no
