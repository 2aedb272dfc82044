-- By number, for whom the act changed nothing, and why where more than one reason is possible; who is erased has no number any more.
select contact_id, reason from bulk_person
where workspace_id = %(workspace_id)s and bulk_id = %(bulk_id)s and outcome = 'same' and contact_id is not null
order by place
