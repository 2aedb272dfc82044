-- Did any version of any form ever offer the topic? Somebody may have its page open, or a paper of it signed.
select exists (select from form_version where workspace_id = %(workspace_id)s
               and definition -> 'definition' -> 'topic_ids' @> to_jsonb(%(topic_id)s::int))
