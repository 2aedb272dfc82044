-- A taken short name gives no row.
insert into topic (workspace_id, slug, name, name_en, content, purpose, frequency_max, frequency_per, sender_id, double_opt_in, valid_months, created_at)
values (%(workspace_id)s, %(slug)s, %(name)s, %(name_en)s, %(content)s, %(purpose)s, %(frequency_max)s, %(frequency_per)s, %(sender_id)s,
        %(double_opt_in)s, %(valid_months)s, %(now)s)
on conflict (workspace_id, slug) do nothing
returning topic_id
