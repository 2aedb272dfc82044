-- The frozen content of a mailing once more, for people who were held until somebody, or a rule, chose it.
insert into mailing (workspace_id, kind, message_class, ads, promotional, topic_id, channel, sender_id, state, week, subject, text, html, links,
                     subject_id, frequency_max, frequency_per, double_opt_in,
                     purpose, about, first_issue, is_reply, paid_content, open_pixel, subject_without_ads, text_without_ads, html_without_ads, occasion, sender_version, launched_at)
select m.workspace_id, m.kind, m.message_class, m.ads, m.promotional, m.topic_id, m.channel, m.sender_id, 'running', %(week)s, m.subject, m.text, m.html, m.links,
       m.subject_id, m.frequency_max, m.frequency_per, m.double_opt_in,
       m.purpose, m.about, m.first_issue, m.is_reply, m.paid_content, m.open_pixel, m.subject_without_ads, m.text_without_ads, m.html_without_ads, m.occasion, m.sender_version, %(now)s
from mailing m where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s
returning mailing_id
