-- One post more of this form; no row once it is enough, so that a flood is no part of what is usual.
insert into form_hour as h (workspace_id, form_id, hour, posts) values (%(workspace_id)s, %(form_id)s, %(hour)s, 1)
on conflict (workspace_id, form_id, hour) do update set posts = h.posts + 1 where h.posts < %(posts_max)s
returning posts
