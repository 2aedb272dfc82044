-- Counts are all that may be shown of the list.
select reason, to_char(at, 'YYYY-MM') as month, count(*) as marks from suppression
where workspace_id = %(workspace_id)s and strength = 'strict' and block_no = 0
group by reason, to_char(at, 'YYYY-MM') order by month desc, reason
