-- One report; of one message the same report counts once, of an unknown one once a day. Of one kind so many at most: every status differs
-- that somebody makes up.
insert into feedback (workspace_id, contact_id, kind, status, mailing_id, at)
select %(workspace_id)s, %(contact_id)s, %(kind)s, %(status)s, %(mailing_id)s, %(now)s
where (select count(*) < %(reports_max)s and coalesce(bool_and(f.status <> %(status)s), true)
       from feedback f
       where f.workspace_id = %(workspace_id)s and f.contact_id = %(contact_id)s and f.kind = %(kind)s and f.mailing_id = %(mailing_id)s
         and (f.mailing_id > 0 or f.at > %(now)s::timestamptz - interval '1 day'))
