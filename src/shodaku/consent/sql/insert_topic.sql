-- A taken short name gives no row, and neither does a workspace that is full (two at once may make one more), nor a sender that is retired:
-- held, so that nobody retires it meanwhile.
insert into topic (workspace_id, slug, name, name_en, content, purpose, frequency_max, frequency_per, sender_id, double_opt_in, valid_months, created_at)
select %(workspace_id)s, %(slug)s, %(name)s, %(name_en)s, %(content)s, %(purpose)s, %(frequency_max)s, %(frequency_per)s, s.sender_id,
       %(double_opt_in)s, %(valid_months)s, %(now)s
from (select sender_id from sender where workspace_id = %(workspace_id)s and sender_id = %(sender_id)s and retired_at is null for share) s
where (select count(*) from topic where workspace_id = %(workspace_id)s) < %(topics_max)s
on conflict (workspace_id, slug) do nothing
returning topic_id
