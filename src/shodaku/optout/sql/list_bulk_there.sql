-- A keyset page of those who were chosen and are there still, by place: as quick for the last of a million as for the first.
select place, contact_id from bulk_person
where workspace_id = %(workspace_id)s and bulk_id = %(bulk_id)s and place > %(behind)s and contact_id is not null
order by place limit %(people_max)s
