-- The next batch, in the order of numbers.
select contact_id, hit_no, mailing_id, link, actor, at from hit
where workspace_id = %(workspace_id)s and hit_no > %(after)s order by hit_no limit %(rows_max)s
