-- All that a worker needs to know of a mailing, its sender and its shop; frozen at the launch but for states, so read once and kept.
select m.mailing_id, m.kind, m.message_class, m.ads, m.promotional, m.topic_id, m.channel, m.sender_id, m.week, m.subject, m.text, m.html,
       m.links, m.subject_id, m.frequency_max, m.frequency_per, m.double_opt_in,
       m.purpose, m.about, m.first_issue, m.is_reply, m.paid_content, m.open_pixel, m.subject_without_ads, m.text_without_ads, m.html_without_ads, m.occasion, m.repeats,
       s.display_name, s.formal_name, s.from_address, s.mail_domain,
       s.postal_address, s.contact_phone, s.contact_email, s.contact_url, s.responsible_person, s.sales_terms_url
from mailing m
join sender s on s.workspace_id = m.workspace_id and s.sender_id = m.sender_id
where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s
