-- Is something on its way to many that a route has to carry?
select exists (
    select from mailing m join chunk c on c.workspace_id = m.workspace_id and c.mailing_id = m.mailing_id and c.state <> 'done'
    where m.workspace_id = %(workspace_id)s and m.state = 'running' and m.kind in ('campaign', 'reconfirm'))
