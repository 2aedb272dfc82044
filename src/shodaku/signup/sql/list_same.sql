-- As list_moved, but a change of address joins nobody any more once the old one has a consent or request after it: somebody's new act.
with recursive person (asked, contact_id) as (
    select asked, asked from unnest(%(contacts)s::bigint[]) as asked
    union
    select p.asked, joined.contact_id from person p cross join lateral (
        select case r.contact_id when p.contact_id then r.moves_from else r.contact_id end as contact_id
        from signup_request r
        where r.workspace_id = %(workspace_id)s and (r.contact_id = p.contact_id or r.moves_from = p.contact_id)
          and r.state = 'confirmed' and r.moves_from is not null
          and not exists (select from consent_event e where e.workspace_id = r.workspace_id and e.contact_id = r.moves_from
                             and e.kind not in ('withdrawn', 'expired') and e.at > r.answered_at)
          and not exists (select from signup_request q where q.workspace_id = r.workspace_id and q.contact_id = r.moves_from
                             and q.at > r.answered_at)
        union all
        select case s.contact_id when p.contact_id then s.other_id else s.contact_id end
        from same_person s
        where s.workspace_id = %(workspace_id)s and (s.contact_id = p.contact_id or s.other_id = p.contact_id)) joined
)
select asked, contact_id from person where contact_id <> asked order by asked, contact_id
