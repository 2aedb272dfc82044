-- How often each reason was given; who is suppressed has but one.
select verdict, reason, count(*) as rows from import_row
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s group by verdict, reason order by verdict, reason
