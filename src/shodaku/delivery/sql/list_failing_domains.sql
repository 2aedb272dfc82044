-- Sending domains whose records failed at the last look that was answered, if a sender uses them still.
select d.name, d.failed_looks, d.failing_since, d.dmarc = 'none' as refused from mail_domain d
where d.workspace_id = %(workspace_id)s and d.failing_since is not null
  and exists (select from sender s where s.workspace_id = d.workspace_id and s.mail_domain = d.name)
order by d.name
