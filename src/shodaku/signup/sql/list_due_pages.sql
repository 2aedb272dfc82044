-- Versions without a page, published before pages were kept; and, where there is a browser, those without a picture. Newest first: they are shown now.
select v.form_id, v.version from form_version v
where v.workspace_id = %(workspace_id)s
  and (not exists (select from form_page p where (p.workspace_id, p.form_id, p.version) = (v.workspace_id, v.form_id, v.version))
       or (%(pictures)s and exists (select from form_page p where (p.workspace_id, p.form_id, p.version) = (v.workspace_id, v.form_id, v.version) and p.picture is null)))
order by v.published_at desc limit %(rows_max)s
