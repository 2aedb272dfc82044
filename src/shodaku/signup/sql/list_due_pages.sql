-- Versions without a page, published before pages were kept; after them, where there is a browser, those without a picture that was not tried too often. Newest first: they are shown now.
select v.form_id, v.version from form_version v
cross join lateral (
    select count(*) as pages, count(*) filter (where p.picture is null and p.attempts < %(attempts_max)s) as unpictured
    from form_page p where (p.workspace_id, p.form_id, p.version) = (v.workspace_id, v.form_id, v.version)
) kept
where v.workspace_id = %(workspace_id)s and (kept.pages = 0 or (%(pictures)s and kept.unpictured > 0))
order by kept.pages > 0, v.published_at desc limit %(rows_max)s
