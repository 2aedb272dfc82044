-- All that a worker needs to know of a mailing, its sender and its shop; frozen at the launch but for states, so read once and kept.
-- Who sends is what was shown then: the version that the mailing was frozen with. None: as it is, for an older program planned it.
select m.mailing_id, m.kind, m.message_class, m.ads, m.promotional, m.topic_id, m.channel, m.sender_id, m.week, m.subject, m.text, m.html,
       m.links, m.subject_id, m.frequency_max, m.frequency_per, m.double_opt_in,
       m.purpose, m.about, m.first_issue, m.is_reply, m.paid_content, m.open_pixel, m.subject_without_ads, m.text_without_ads, m.html_without_ads, m.occasion, m.repeats,
       coalesce(v.display_name, s.display_name) as display_name, coalesce(v.formal_name, s.formal_name) as formal_name,
       coalesce(v.from_address, s.from_address) as from_address, coalesce(v.mail_domain, s.mail_domain) as mail_domain,
       coalesce(v.postal_address, s.postal_address) as postal_address, coalesce(v.contact_phone, s.contact_phone) as contact_phone,
       coalesce(v.contact_email, s.contact_email) as contact_email, coalesce(v.contact_url, s.contact_url) as contact_url,
       coalesce(v.responsible_person, s.responsible_person) as responsible_person, coalesce(v.sales_terms_url, s.sales_terms_url) as sales_terms_url
from mailing m
join sender s on s.workspace_id = m.workspace_id and s.sender_id = m.sender_id
left join sender_version v on v.workspace_id = m.workspace_id and v.sender_id = m.sender_id and v.version = m.sender_version
where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s
