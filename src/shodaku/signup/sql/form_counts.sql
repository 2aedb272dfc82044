-- How many asked and how many confirmed, by form.
select form_id, count(*) as requested, count(*) filter (where state = 'confirmed') as confirmed
from signup_request where workspace_id = %(workspace_id)s and form_id is not null group by form_id
