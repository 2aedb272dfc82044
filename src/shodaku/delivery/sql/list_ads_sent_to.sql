-- Every advertisement that left for one person, or may have: what the time counts from for which evidence is kept.
select d.at, d.channel from delivery d join mailing m on m.workspace_id = d.workspace_id and m.mailing_id = d.mailing_id
where d.workspace_id = %(workspace_id)s and d.contact_id = %(contact_id)s and d.outcome in ('accepted', 'uncertain')
  and m.message_class in ('advertising', 'survey') order by d.at
