-- Whether the library offers this picture.
select exists (select from picture
               where workspace_id = %(workspace_id)s and image_id = %(image_id)s and put_away_at is null and alt <> '')
