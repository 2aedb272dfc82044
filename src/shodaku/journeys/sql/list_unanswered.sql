-- Questions whose term is over, with the moment at which the mail left, if it did.
select r.contact_id, r.reconfirmation_id, r.topic_ids, r.mailing_id, r.asked_at,
       (select max(d.at) from delivery d where d.workspace_id = r.workspace_id and d.contact_id = r.contact_id and d.mailing_id = r.mailing_id
        and d.outcome in ('accepted', 'uncertain')) as left_at
from reconfirmation r
where r.workspace_id = %(workspace_id)s and r.state = 'asked' and r.answer_until <= %(now)s
  and (r.contact_id, r.reconfirmation_id) > (%(after_contact)s, %(after_id)s)
order by r.contact_id, r.reconfirmation_id limit %(rows_max)s
