-- Takes it up where it was left, if the rules in force are still the same ones; else from nothing, with the moment of now. Another beginning has lost it.
update rule_simulation s set state = 'running', run = s.run + 1, rules_sha256 = %(rules_sha256)s,
    contacts = case when same.rules then s.contacts else (select count(*) from contact c where c.workspace_id = %(workspace_id)s) end,
    after_contact = case when same.rules then s.after_contact else 0 end, looked_at = case when same.rules then s.looked_at else 0 end,
    people = case when same.rules then s.people else 0 end, held_more = case when same.rules then s.held_more else 0 end,
    held_fewer = case when same.rules then s.held_fewer else 0 end, topics = case when same.rules then s.topics else '[]' end,
    at = case when same.rules then s.at else %(now)s end
from (select r.workspace_id, r.rules_sha256 = %(rules_sha256)s as rules from rule_simulation r where r.workspace_id = %(workspace_id)s) same
where s.workspace_id = %(workspace_id)s and same.workspace_id = s.workspace_id and s.number = %(number)s and s.state in ('waiting', 'running')
returning s.run, s.pack, s.tightened, s.home_country, s.after_contact, s.looked_at, s.people, s.held_more, s.held_fewer, s.topics, s.at
