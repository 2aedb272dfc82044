-- Whom a mail may not have reached, and nobody has decided about. With `silent` nothing has come of it since, and it was tried after that moment.
-- Those named, or everybody. The caller holds their rows, so that nobody decides twice.
select d.contact_id from delivery d
where d.workspace_id = %(workspace_id)s and d.mailing_id = %(mailing_id)s and d.outcome = 'uncertain'
  and d.week = (select w.week from mailing w where w.workspace_id = %(workspace_id)s and w.mailing_id = %(mailing_id)s)
  and (%(contact_ids)s::bigint[] is null or d.contact_id = any(%(contact_ids)s::bigint[]))
  and not exists (select from uncertain_choice u where u.workspace_id = d.workspace_id and u.contact_id = d.contact_id and u.mailing_id = d.mailing_id)
  and (not %(silent)s::boolean or (d.at > %(after)s and
      not exists (select from hit h where h.workspace_id = d.workspace_id and h.contact_id = d.contact_id and h.mailing_id = d.mailing_id)
      and not exists (select from feedback f where f.workspace_id = d.workspace_id and f.contact_id = d.contact_id and f.mailing_id = d.mailing_id)))
order by d.contact_id limit %(rows_max)s
