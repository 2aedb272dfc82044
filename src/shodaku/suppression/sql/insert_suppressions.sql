-- Tokens without a person; a token that is there already keeps its reason and date.
insert into suppression (workspace_id, token, strength, norm, pepper_epoch, reason, at)
select %(workspace_id)s, each.token, each.strength, %(norm)s, %(epoch)s, %(reason)s, %(now)s
from unnest(%(tokens)s::bytea[], %(strengths)s::text[]) as each (token, strength)
on conflict do nothing
