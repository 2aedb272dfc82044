-- How many of those who were chosen are there still: on a press, for the entry that says how many lines the file has.
select count(*) from bulk_person where workspace_id = %(workspace_id)s and bulk_id = %(bulk_id)s and contact_id is not null
