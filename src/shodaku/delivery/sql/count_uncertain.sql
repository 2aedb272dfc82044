-- Of a mailing's uncertain people: how many there are, were counted as arrived, were sent to once more, of whom something came since, are left, may still get it once more; and second
-- mailings that rest.
select count(*)::int as people,
       (count(*) filter (where u.choice = 'arrived'))::int as arrived, (count(*) filter (where u.choice = 'again'))::int as again,
       (count(*) filter (where e.seen))::int as seen, (count(*) filter (where u.choice is null))::int as undecided,
       (count(*) filter (where u.choice is null and not e.seen and d.at > %(after)s))::int as silent,
       (select count(*)::int from mailing r where r.workspace_id = %(workspace_id)s and r.repeats = %(mailing_id)s and r.state = 'paused') as resting
from delivery d
left join uncertain_choice u on u.workspace_id = d.workspace_id and u.contact_id = d.contact_id and u.mailing_id = d.mailing_id
cross join lateral (
    select exists (select from hit h where h.workspace_id = d.workspace_id and h.contact_id = d.contact_id and h.mailing_id = d.mailing_id)
        or exists (select from feedback f where f.workspace_id = d.workspace_id and f.contact_id = d.contact_id and f.mailing_id = d.mailing_id) as seen) e
where d.workspace_id = %(workspace_id)s and d.mailing_id = %(mailing_id)s and d.outcome = 'uncertain'
  and d.week = (select w.week from mailing w where w.workspace_id = %(workspace_id)s and w.mailing_id = %(mailing_id)s)
