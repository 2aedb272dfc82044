-- A page of the library, newest first; bodies are not read.
select image_id, token, media_type, width_px, height_px, alt, octet_length(body) as bytes, added_at, put_away_at
from picture
where workspace_id = %(workspace_id)s and put_away_at is null and alt <> ''
  and (%(before)s::uuid is null or image_id < %(before)s::uuid)
order by image_id desc limit %(most)s
