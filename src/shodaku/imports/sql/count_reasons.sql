-- Of a batch of before its reasons were kept: each row that was not accepted is there.
select verdict, reason, count(*) as rows from import_row
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s group by verdict, reason order by verdict, reason
