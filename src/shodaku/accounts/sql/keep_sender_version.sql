-- Another version where what messages say is not what the newest one says; the sender's row is held. Nothing where it is the same.
insert into sender_version (workspace_id, sender_id, version, formal_name, display_name, from_address, mail_domain, postal_address,
                            contact_email, contact_phone, contact_url, responsible_person, sales_terms_url, created_at)
select s.workspace_id, s.sender_id, coalesce(n.version, 0) + 1, s.formal_name, s.display_name, s.from_address, s.mail_domain, s.postal_address,
       s.contact_email, s.contact_phone, s.contact_url, s.responsible_person, s.sales_terms_url, %(now)s
from sender s
left join lateral (select max(k.version) as version from sender_version k
                   where k.workspace_id = s.workspace_id and k.sender_id = s.sender_id) n on true
left join sender_version v on v.workspace_id = s.workspace_id and v.sender_id = s.sender_id and v.version = n.version
where s.workspace_id = %(workspace_id)s and s.sender_id = %(sender_id)s
  and (v.formal_name, v.display_name, v.from_address, v.mail_domain, v.postal_address,
       v.contact_email, v.contact_phone, v.contact_url, v.responsible_person, v.sales_terms_url)
      is distinct from
      (s.formal_name, s.display_name, s.from_address, s.mail_domain, s.postal_address,
       s.contact_email, s.contact_phone, s.contact_url, s.responsible_person, s.sales_terms_url)
on conflict do nothing
