-- Those that wait for words, in the order they came.
select image_id, token, media_type, width_px, height_px, alt, octet_length(body) as bytes, added_at, put_away_at
from picture
where workspace_id = %(workspace_id)s and put_away_at is null and alt = ''
order by image_id limit %(most)s
