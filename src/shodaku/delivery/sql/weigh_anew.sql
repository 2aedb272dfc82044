-- Somebody looked and lets it go on: what came before counts no more.
update mailing m set stopped_for = null, stopped_sent = null, stopped_bad = null,
    from_sent = (select coalesce(sum(c.accepted + c.uncertain + c.hard), 0) from chunk c
                 where c.workspace_id = m.workspace_id and c.mailing_id = m.mailing_id),
    from_hard = (select coalesce(sum(c.hard), 0) from chunk c where c.workspace_id = m.workspace_id and c.mailing_id = m.mailing_id)
              + (select count(distinct f.contact_id) from feedback f
                 where f.workspace_id = m.workspace_id and f.mailing_id = m.mailing_id and f.kind = 'hard'),
    from_complaints = (select count(distinct f.contact_id) from feedback f
                       where f.workspace_id = m.workspace_id and f.mailing_id = m.mailing_id and f.kind = 'complaint')
where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s and m.stopped_for is not null and m.state = 'paused'
