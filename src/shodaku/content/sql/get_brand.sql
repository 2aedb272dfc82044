-- Colour, fonts and the logo of a workspace in one row: asked by each public page.
select b.colour, b.font, p.image_id, p.token, p.media_type, p.width_px, p.height_px, p.alt
from brand b
left join picture p on p.workspace_id = b.workspace_id and p.image_id = b.logo
where b.workspace_id = %(workspace_id)s
