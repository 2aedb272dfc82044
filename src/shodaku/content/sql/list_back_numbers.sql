-- A page of a topic's back numbers, newest first, from the one after `before`; the HTML is not read.
select b.back_number_id, b.campaign_id, b.topic_id, b.subject, b.text, b.sent_at, b.published_at
from back_number b
left join back_number f on f.workspace_id = b.workspace_id and f.back_number_id = %(before)s
where b.workspace_id = %(workspace_id)s and b.topic_id = %(topic_id)s
  and (%(before)s::int is null or (b.sent_at, b.back_number_id) < (f.sent_at, f.back_number_id))
order by b.sent_at desc, b.back_number_id desc limit %(most)s
