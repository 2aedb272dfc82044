-- A picture as it was drawn anew; without words nobody is offered it.
insert into picture (workspace_id, image_id, token, media_type, width_px, height_px, body, small, added_at)
values (%(workspace_id)s, %(image_id)s, %(token)s, %(media_type)s, %(width_px)s, %(height_px)s, %(body)s, %(small)s, %(now)s)
