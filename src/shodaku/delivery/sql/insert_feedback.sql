-- One report; of one message the same report counts once, of an unknown one once a day.
insert into feedback (workspace_id, contact_id, kind, status, mailing_id, at)
select %(workspace_id)s, %(contact_id)s, %(kind)s, %(status)s, %(mailing_id)s, %(now)s
where not exists (
    select from feedback f
    where f.workspace_id = %(workspace_id)s and f.contact_id = %(contact_id)s
      and f.kind = %(kind)s and f.status = %(status)s and f.mailing_id = %(mailing_id)s
      and (f.mailing_id > 0 or f.at > %(now)s::timestamptz - interval '1 day'))
