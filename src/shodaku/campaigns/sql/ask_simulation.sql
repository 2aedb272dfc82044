-- A question about other rules; the one before it is answered no more.
insert into rule_simulation as s (workspace_id, state, pack, tightened, home_country, at)
values (%(workspace_id)s, 'waiting', %(pack)s, %(tightened)s, %(home_country)s, %(now)s)
on conflict (workspace_id) do update set number = s.number + 1, state = 'waiting', run = 0, pack = excluded.pack, tightened = excluded.tightened,
    home_country = excluded.home_country, rules_sha256 = '', after_contact = 0, contacts = 0, looked_at = 0, people = 0, held_more = 0, held_fewer = 0,
    topics = '[]', topics_left_out = 0, at = excluded.at
returning number
