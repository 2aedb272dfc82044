-- Once for each person: where two decide at the same moment, the key lets one of them through.
insert into uncertain_choice (workspace_id, contact_id, mailing_id, choice, again_id, at, entry_id)
select %(workspace_id)s, x.contact_id, %(mailing_id)s, %(choice)s, %(again_id)s, %(now)s, x.entry_id
from unnest(%(contact_ids)s::bigint[], %(entry_ids)s::bigint[]) x (contact_id, entry_id)
