-- How far copies are, and who waits to be forgotten there.
select (select c.seen_no from copied_out c where c.workspace_id = %(workspace_id)s and c.kind = 'hit') as hits,
       (select c.seen_no from copied_out c where c.workspace_id = %(workspace_id)s and c.kind = 'feedback') as feedback,
       (select max(h.hit_no) from hit h where h.workspace_id = %(workspace_id)s) as hits_last,
       (select max(f.feedback_no) from feedback f where f.workspace_id = %(workspace_id)s) as feedback_last,
       (select max(c.copied_at) from copied_out c where c.workspace_id = %(workspace_id)s) as copied_at,
       (select count(*) from forget_out o where o.workspace_id = %(workspace_id)s and o.deleted_at is null)::int as to_forget,
       (select min(o.asked_at) from forget_out o where o.workspace_id = %(workspace_id)s and o.deleted_at is null) as asked_at
