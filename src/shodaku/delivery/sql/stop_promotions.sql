-- Advertising that is on its way, or starts before somebody looks again, rests: all of it, that of one sending domain, or one mailing. With a row for the ledger each.
with stopped as (
    update mailing m set state = 'paused', stopped_for = case when m.repeats is null then %(stopped_for)s end
    where m.workspace_id = %(workspace_id)s and m.state = 'running' and m.promotional and (m.starts_at is null or m.starts_at <= %(until)s)
      and (%(mailing_id)s::int is null or m.mailing_id = %(mailing_id)s::int)
      and (%(mail_domain)s::text is null
           or %(mail_domain)s::text = coalesce((select v.mail_domain from sender_version v
                                                where v.workspace_id = m.workspace_id and v.sender_id = m.sender_id and v.version = m.sender_version),
                                               (select s.mail_domain from sender s
                                                where s.workspace_id = m.workspace_id and s.sender_id = m.sender_id)))
    returning m.mailing_id, m.repeats)
insert into mailing_stop (workspace_id, mailing_id, reason, sent, bad, at)
select %(workspace_id)s, s.mailing_id, %(stopped_for)s, 0, 0, %(now)s from stopped s where s.repeats is null
returning mailing_id
