-- A body that no mailing carries; the caller knows of no draft that does.
delete from carried_file f
where f.workspace_id = %(workspace_id)s and f.sha256 = %(sha256)s
  and not exists (select from mailing_file m where m.workspace_id = f.workspace_id and m.sha256 = f.sha256)
