-- One picture without its body.
select image_id, token, media_type, width_px, height_px, alt, octet_length(body) as bytes, added_at, put_away_at
from picture where workspace_id = %(workspace_id)s and image_id = %(image_id)s
