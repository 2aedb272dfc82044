-- What became of a slice, and the sums of the act, in one statement: a person who was told of already is not counted twice.
with told as (
    update bulk_person p set outcome = each.outcome, reason = each.reason
    from unnest(%(places)s::int[], %(outcomes)s::text[], %(reasons)s::text[]) as each (place, outcome, reason)
    where p.workspace_id = %(workspace_id)s and p.bulk_id = %(bulk_id)s and p.place = each.place and p.outcome is null
    returning p.outcome
)
update bulk_act b set
    changed = b.changed + (select count(*) from told where outcome = 'changed'),
    same = b.same + (select count(*) from told where outcome = 'same'),
    gone = b.gone + (select count(*) from told where outcome = 'gone')
where b.workspace_id = %(workspace_id)s and b.bulk_id = %(bulk_id)s
