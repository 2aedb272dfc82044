-- Those that a document names; put away or not, for what was written with one still shows it.
select image_id, token, media_type, width_px, height_px, alt
from picture where workspace_id = %(workspace_id)s and image_id = any(%(image_ids)s) and alt <> ''
