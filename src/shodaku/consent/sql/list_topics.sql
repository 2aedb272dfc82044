-- What the workspace offers.
select topic_id, slug, name, name_en, content, purpose, frequency_max, frequency_per, double_opt_in, valid_months, sender_id, archived_at from topic where workspace_id = %(workspace_id)s order by archived_at nulls first, topic_id
