-- Forms that people can sign up by, newest first: published, and the newest version not taken back. Of one sender, or offering one topic.
select f.form_id, f.slug, f.name, f.sender_id, f.version, f.created_at
from form f
join form_version v on v.workspace_id = f.workspace_id and v.form_id = f.form_id and v.version = f.version
where f.workspace_id = %(workspace_id)s
  and (%(sender_id)s::int is null or f.sender_id = %(sender_id)s)
  and (%(topic_id)s::int is null or v.definition -> 'definition' -> 'topic_ids' @> to_jsonb(%(topic_id)s::int))
  and not exists (select from form_withdrawn w
                  where w.workspace_id = f.workspace_id and w.form_id = f.form_id and w.version = f.version)
order by f.form_id desc
