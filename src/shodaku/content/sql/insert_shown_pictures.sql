-- What a mailing shows, at its launch; tokens of another workspace are nobody's here.
insert into shown_picture (workspace_id, image_id, mailing_id)
select p.workspace_id, p.image_id, %(mailing_id)s from picture p
where p.workspace_id = %(workspace_id)s and p.token = any(%(tokens)s)
on conflict do nothing
