-- A taken short name gives no row, and neither does a workspace that is full (two at once may make one more).
insert into topic (workspace_id, slug, name, name_en, content, purpose, frequency_max, frequency_per, sender_id, double_opt_in, valid_months, created_at)
select %(workspace_id)s, %(slug)s, %(name)s, %(name_en)s, %(content)s, %(purpose)s, %(frequency_max)s, %(frequency_per)s, %(sender_id)s,
       %(double_opt_in)s, %(valid_months)s, %(now)s
where (select count(*) from topic where workspace_id = %(workspace_id)s) < %(topics_max)s
on conflict (workspace_id, slug) do nothing
returning topic_id
