-- A mail that left at another time than now: it counts towards frequency and silence like any other. Its week is that of the day it left.
insert into delivery (workspace_id, contact_id, mailing_id, week, topic_id, channel, outcome, reason, stage, code, attempt, at)
select m.workspace_id, %(contact_id)s, m.mailing_id, m.week, case when m.message_class = 'advertising' then m.topic_id end, m.channel,
       'accepted', %(reason)s, 4, 250, 1, %(at)s
from mailing m where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s
