-- What messages said of a sender, the newest first.
select sender_id, version, formal_name, display_name, from_address, postal_address, contact_phone, contact_email, contact_url,
       responsible_person, sales_terms_url, mail_domain, created_at
from sender_version
where workspace_id = %(workspace_id)s and sender_id = %(sender_id)s
order by version desc limit %(rows_max)s
