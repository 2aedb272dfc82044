-- What was asked last about other rules, and what came of it so far.
select number, state, pack, tightened, home_country, rules_sha256, contacts, looked_at, people, held_more, held_fewer, topics, topics_left_out, at
from rule_simulation where workspace_id = %(workspace_id)s
