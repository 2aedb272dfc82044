-- By number, for whom the act changed nothing; who is erased has none any more.
select contact_id from bulk_person where workspace_id = %(workspace_id)s and bulk_id = %(bulk_id)s and outcome = 'same' and contact_id is not null
order by place
