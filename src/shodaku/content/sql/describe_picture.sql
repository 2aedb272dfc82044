-- What is to be seen in it, in other words from now on.
update picture set alt = %(alt)s
where workspace_id = %(workspace_id)s and image_id = %(image_id)s and put_away_at is null and alt <> %(alt)s
