-- What the workspace offers, a page at a time; -1 comes before all.
select topic_id, slug, name, name_en, content, purpose, frequency_max, frequency_per, double_opt_in, valid_months, sender_id, archived_at
from topic where workspace_id = %(workspace_id)s and topic_id > %(after)s order by topic_id limit %(rows_max)s
