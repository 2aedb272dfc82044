-- Legal identities of the workspace: those in use, in the order in which they were added; of all of them the retired ones last.
select sender_id, formal_name, display_name, postal_address, contact_email, contact_phone, contact_url, from_address, mail_domain, privacy_policy_version, privacy_policy, responsible_person, sales_terms_url, retired_at
from sender where workspace_id = %(workspace_id)s and (%(retired_too)s::boolean or retired_at is null)
order by retired_at is not null, sender_id
